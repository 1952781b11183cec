import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'

const FORM = 'application/x-www-form-urlencoded'

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())

interface Dialect {
  /** An endpoint that speaks it, and the type of what is posted there. */
  url: string
  type: string
  /** What it calls its answers. */
  media: string
  isWellFormed: (answer: LightMyRequestResponse) => boolean
}

const dialects: Record<string, Dialect> = {
  'OAuth JSON (RFC 6749 §5.2)': {
    url: '/oauth2/token',
    type: FORM,
    media: 'application/json',
    isWellFormed(answer) {
      const { error, error_description: description, ...more } = answer.json<Record<string, string>>()
      return error === 'invalid_request' && /^[ -~]+$/.test(description ?? '') && Object.keys(more).length === 0
    },
  },
  'a page': {
    url: '/oauth2/authorize',
    type: FORM,
    media: 'text/html',
    isWellFormed: ({ body, headers }) =>
      body.startsWith('<!doctype html>') && body.includes(String(headers['x-request-id'])) && !headers['location'],
  },
  'problem+json (RFC 9457)': {
    url: '/v1/auth/login',
    type: 'application/json',
    media: 'application/problem+json',
    isWellFormed(answer) {
      const { status, instance, type, title, detail } = answer.json<Record<string, unknown>>()
      const described = [type, title, detail].every((text) => typeof text === 'string' && text !== '')
      return described && status === answer.statusCode && instance === answer.headers['x-request-id']
    },
  },
}

describe.each(Object.entries(dialects))('what the framework refuses is answered as %s', (name, dialect) => {
  const { url, type, media } = dialect
  const page = name === 'a page'
  const seen = (answer: LightMyRequestResponse) => [
    answer.statusCode,
    String(answer.headers['content-type']).split(';')[0],
    dialect.isWellFormed(answer),
  ]

  it('a body that is too large', async () => {
    const headers = { 'content-type': type }
    const answer = await test.app.inject({ method: 'POST', url, headers, payload: 'a'.repeat(200_000) })
    expect(seen(answer)).toEqual([413, media, true])
  })

  it.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    type === FORM ? 'application/json' : FORM,
    'nonsense',
  ])('a body of type %s', async (other) => {
    const headers = { 'content-type': other }
    const answer = await test.app.inject({ method: 'POST', url, headers, payload: '{"a":"b"}' })
    // RFC 6749 §5.2 knows no 415.
    expect(seen(answer)).toEqual([media === 'application/json' ? 400 : 415, media, true])
  })

  it('a method that is not for it', async () => {
    const answer = await test.app.inject({ method: page ? 'DELETE' : 'GET', url })
    expect(seen(answer)).toEqual([405, media, true])
    expect(answer.headers['allow']).toBe(page ? 'GET, POST, HEAD' : 'POST')
  })

  it('a NUL in the query', async () => {
    const answer = await test.app.inject({ method: page ? 'GET' : 'POST', url: `${url}?state=a%00b` })
    expect(seen(answer)).toEqual([400, media, true])
  })
})
