import { describe, expect, it } from 'vitest'
import { parseIssuer } from '../../src/config/urls.ts'
import { parseUrl } from '../../src/lib/url.ts'

/** More than V8 needs to optimise a call. */
const CALLS = 30_000

describe('a URL with characters from U+0080 to U+00FF', () => {
  it('is parsed however often it was parsed before', () => {
    const hosts = Array.from({ length: CALLS }, () => parseUrl('https://b\u00fccher.example/\u00e9')?.host)
    expect(new Set(hosts)).toEqual(new Set(['xn--bcher-kva.example']))
  })

  it('is an issuer however often it was checked before', () => {
    const issuers = Array.from({ length: CALLS }, () =>
      parseIssuer('https://b\u00fccher.example', { production: true }),
    )
    expect(new Set(issuers.map(({ value }) => value))).toEqual(new Set(['https://xn--bcher-kva.example']))
  })
})

it('what is no URL is undefined, and a path is one beside a base', () => {
  expect(parseUrl('no URL')).toBeUndefined()
  expect(parseUrl('/path')).toBeUndefined()
  expect(parseUrl('/path', 'https://example.com')?.href).toBe('https://example.com/path')
})
