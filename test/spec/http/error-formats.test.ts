import type { LightMyRequestResponse } from 'fastify'
import { gzipSync } from 'node:zlib'
import { OAuthError } from '../../../src/oauth/errors.ts'
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

describe('errors quote at most the beginning of what was sent', () => {
  const long = 'x'.repeat(9_000)
  /** The beginning has 100 characters, and 200 of a list of scopes. `a-` is for language tags. */
  const MORE_THAN_THE_BEGINNING = /x{201}|(?:a-){101}/
  const post = (url: string, payload: string, type: string, headers = {}) =>
    test.app.inject({ method: 'POST', url, headers: { 'content-type': type, ...headers }, payload })

  it.each([
    ['a grant type', `grant_type=${long}`],
    ['the name of a parameter that is sent twice', `${long}=1&${long}=2`],
    ['a scope', `grant_type=refresh_token&refresh_token=x&scope=${long}`],
    ['an identifier', `client_id=${long}&grant_type=refresh_token`],
  ])('OAuth JSON: %s', async (_, form) => {
    const { clientId } = await test.registerClient()
    const answer = await post(
      '/oauth2/token',
      `${form.includes('client_id') ? '' : `client_id=${clientId}&`}${form}`,
      FORM,
    )
    expect([answer.statusCode >= 400, answer.body.length < 1_500]).toEqual([true, true])
    expect(answer.body).not.toMatch(MORE_THAN_THE_BEGINNING)
  })

  it.each(['response_type', 'response_mode', 'prompt', 'scope', 'claims', 'code_challenge_method', 'acr_values'])(
    'a redirect: %s',
    async (name) => {
      const { clientId } = await test.registerClient()
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: 'https://app.example.com/callback',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      })
      query.set(name, name === 'claims' ? `{"id_token":{"${'x'.repeat(4_000)}":1}}` : long)
      const answer = await test.app.inject(`/oauth2/authorize?${query}`)
      expect(String(answer.headers['location']).length).toBeLessThan(1_500)
      expect(answer.headers['location']).not.toMatch(MORE_THAN_THE_BEGINNING)
      expect(answer.headers['location']).toContain('error=')
    },
  )

  it('problem+json: the names of unknown members', async () => {
    const headers = { cookie: await test.signIn() }
    const names = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${long}${index}`, 1]))
    const answer = await post('/v1/admin/clients', JSON.stringify(names), 'application/json', headers)
    expect([answer.statusCode, answer.body.length < 8_000]).toEqual([400, true])
    expect(answer.body).not.toMatch(MORE_THAN_THE_BEGINNING)
    const profile = await test.app.inject({ method: 'PATCH', url: '/v1/me/profile', headers, payload: names })
    expect([profile.statusCode, profile.body.length < 8_000]).toEqual([400, true])
  })

  it('OAuth JSON of a registration', async () => {
    const headers = { cookie: await test.signIn() }
    const policy = {
      method: 'PUT',
      url: '/v1/admin/registration-policy',
      headers,
      payload: { policy: 'open' },
    } as const
    await test.app.inject(policy)
    for (const body of [
      { redirect_uris: ['https://app.example.com/'], scope: long },
      { redirect_uris: ['https://app.example.com/'], localised: {}, [`client_name#${'a-'.repeat(4_000)}`]: '' },
      { redirect_uris: ['https://app.example.com/'], jwks: { keys: [], [long]: '\0' } },
    ]) {
      const answer = await post('/oauth2/register', JSON.stringify(body), 'application/json')
      expect(answer.body.length).toBeLessThan(1_500)
      expect(answer.body).not.toMatch(MORE_THAN_THE_BEGINNING)
    }
    const scopes = Array.from({ length: 50 }, (_, index) => `${'x'.repeat(100)}${index}`).join(' ')
    const many = JSON.stringify({ redirect_uris: ['https://app.example.com/'], scope: scopes })
    const { error_description: description } = (await post('/oauth2/register', many, 'application/json')).json<{
      error_description: string
    }>()
    expect(description.length).toBeLessThan(250)
  })

  it('at most 800 characters of any description', () => {
    expect(new OAuthError('invalid_request', long).description).toHaveLength(803)
  })
})

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

  it.each(['gzip', 'br', 'deflate, gzip', 'nonsense'])(
    'RFC 9110 §15.5.16 a body in the coding %s: 415 names what is accepted',
    async (coding) => {
      const headers = { 'content-type': type, 'content-encoding': coding }
      const answer = await test.app.inject({ method: 'POST', url, headers, payload: gzipSync('a=b') })
      expect(seen(answer)).toEqual([415, media, true])
      expect(answer.headers['accept-encoding']).toBe('identity')
    },
  )

  it.each(['identity', 'Identity', ''])('but not in the coding %j', async (coding) => {
    const headers = { 'content-type': type, 'content-encoding': coding }
    const answer = await test.app.inject({ method: 'POST', url, headers, payload: type === FORM ? 'a=b' : '{}' })
    expect(answer.statusCode).not.toBe(415)
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
