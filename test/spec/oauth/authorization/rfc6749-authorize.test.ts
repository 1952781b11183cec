import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readErrorPage, readRedirect } from '../../../support/read-response.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const FORM = 'application/x-www-form-urlencoded'
const EVERY_PARAMETER = {
  nonce: 'a-nonce',
  response_mode: 'query',
  prompt: 'consent',
  max_age: '3000',
  login_hint: 'owner@acme.test',
  ui_locales: 'en',
  acr_values: 'urn:example:low',
  display: 'page',
}

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let cookie: string

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  rp = relyingParty(test, client)
  cookie = await test.signIn()
})
afterAll(() => test.close())

const get = (url: string) => test.app.inject({ method: 'GET', url, headers: { cookie } })
const post = (payload: string | Buffer, contentType = FORM) =>
  test.app.inject({
    method: 'POST',
    url: '/oauth2/authorize',
    headers: { cookie, 'content-type': contentType },
    payload,
  })
const query = (more: Record<string, string | undefined> = {}) => rp.authorizeUrl(more).split('?')[1] ?? ''

describe('RFC 6749 §3.1 the authorization endpoint', () => {
  it('answers GET with a code', async () => {
    const answer = await get(rp.authorizeUrl())
    expect(answer.statusCode).toBe(302)
    expect(answer.headers.location).toMatch(/^https:\/\/app\.example\.com\/callback\?/)
    expect(readRedirect(answer)).toEqual({
      code: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
  })

  it('answers POST with a code, by 303 so that the form is not reposted', async () => {
    const answer = await post(query())
    expect(answer.statusCode).toBe(303)
    expect(readRedirect(answer)).toEqual({
      code: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('refuses %s with 405 and Allow', async (method) => {
    const answer = await test.app.inject({ method, url: rp.authorizeUrl(), headers: { cookie } })
    expect(readErrorPage(answer)).toEqual({ status: 405, code: 'invalid_request', location: undefined })
    expect(answer.headers.allow?.toString().split(', ')).toEqual(expect.arrayContaining(['GET', 'POST']))
  })

  it('never answers with CORS headers', async () => {
    const own = await test.registerClient({ allowedOrigins: ['https://app.example.com'] })
    const answer = await test.app.inject({
      method: 'GET',
      url: relyingParty(test, own).authorizeUrl(),
      headers: { cookie, origin: 'https://app.example.com' },
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('treats a parameter without a value as omitted', async () => {
    const answer = await get(rp.authorizeUrl({ state: '', nonce: '', prompt: '', max_age: '', response_mode: '' }))
    expect(readRedirect(answer)).toEqual({ code: expect.any(String), iss: ISSUER, session_state: expect.any(String) })
    expect(readErrorPage(await get(rp.authorizeUrl({ client_id: '' })))).toMatchObject({ status: 400 })
    expect(readErrorPage(await get(rp.authorizeUrl({ redirect_uri: '' })))).toMatchObject({ status: 400 })
    expect(readRedirect(await get(rp.authorizeUrl({ response_type: '' })))).toMatchObject({ error: 'invalid_request' })
  })

  it('ignores parameters that it does not know', async () => {
    const answer = await get(rp.authorizeUrl({ utm_source: 'mail', __proto__x: '1', constructor: 'x', code: 'y' }))
    expect(readRedirect(answer)).toEqual({
      code: expect.stringMatching(/^authz_/),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
  })

  it.each(['client_id', 'redirect_uri'])('rejects %s sent twice, on a page', async (name) => {
    const same = name === 'client_id' ? client.clientId : REDIRECT_URI
    for (const value of [same, 'another', '']) {
      const answer = await get(`${rp.authorizeUrl()}&${new URLSearchParams({ [name]: value })}`)
      expect(readErrorPage(answer)).toEqual({ status: 400, code: 'invalid_request', location: undefined })
      const posted = await post(`${new URLSearchParams({ [name]: value })}&${query()}`)
      expect(readErrorPage(posted)).toEqual({ status: 400, code: 'invalid_request', location: undefined })
    }
  })

  it.each(['response_type', 'scope', 'code_challenge', 'code_challenge_method', ...Object.keys(EVERY_PARAMETER)])(
    'rejects %s sent twice, to the client',
    async (name) => {
      const sent = new URLSearchParams(query(EVERY_PARAMETER))
      for (const value of [sent.get(name) ?? '', 'another']) {
        const answer = await get(`/oauth2/authorize?${sent}&${new URLSearchParams({ [name]: value })}`)
        expect(readRedirect(answer)).toMatchObject({ error: 'invalid_request', state: 'a-state', iss: ISSUER })
        expect(readRedirect(answer)['error_description']).toContain(`'${name}'`)
      }
    },
  )

  it('rejects state sent twice, and returns neither', async () => {
    const answer = await get(`${rp.authorizeUrl()}&state=another`)
    expect(readRedirect(answer)).toEqual({
      error: 'invalid_request',
      error_description: expect.stringContaining("'state'"),
      iss: ISSUER,
      session_state: expect.any(String),
    })
  })
})

describe('RFC 6749 §4.1.1 the authorization request', () => {
  it.each(['client_id', 'redirect_uri'])('is rejected without %s, on a page', async (name) => {
    const answer = await get(rp.authorizeUrl({ [name]: undefined }))
    expect(readErrorPage(answer)).toEqual({ status: 400, code: 'invalid_request', location: undefined })
  })

  it.each([
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['an unknown response type', { response_type: 'quote" and \\ backslash' }, 'unsupported_response_type'],
    ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type=code code', { response_type: 'code code' }, 'unsupported_response_type'],
    ['response_type=CODE', { response_type: 'CODE' }, 'unsupported_response_type'],
    ['a scope that the client did not register', { scope: 'openid admin' }, 'invalid_scope'],
    ['a scope with a quote', { scope: 'openid "x"' }, 'invalid_scope'],
    ['a scope with a line feed', { scope: 'openid\nprofile' }, 'invalid_scope'],
    ['a scope of nothing but spaces', { scope: '  ' }, 'invalid_scope'],
    ['an unknown response mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['a broken request object', { request: 'eyJhbGciOiJub25lIn0.e30' }, 'invalid_request_object'],
    ['an unregistered request_uri', { request_uri: 'https://app.example.com/r' }, 'invalid_request_uri'],
  ])('with %s is rejected to the client', async (_what, more, error) => {
    const answer = await get(rp.authorizeUrl(more))
    // The scope decides whether there is a session_state.
    const { session_state: _, ...parameters } = readRedirect(answer)
    expect(parameters).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
      state: 'a-state',
      iss: ISSUER,
    })
  })

  it.each([
    'plain',
    'a b+c%20d&e=f#g?h/i;j',
    '"<script>alert(1)</script>\'',
    'ünïcödé 状態 🔑',
    'x'.repeat(8192),
    'eyJhIjoiYiJ9==',
    ' leading and trailing ',
    '\ufeffwith a byte order mark',
  ])('is answered with exactly the state sent: %s', async (state) => {
    expect(readRedirect(await get(rp.authorizeUrl({ state })))).toMatchObject({ state, code: expect.any(String) })
    expect(readRedirect(await get(rp.authorizeUrl({ state, scope: 'admin' })))).toMatchObject({
      state,
      error: 'invalid_scope',
    })
  })

  it('is answered without state if none was sent', async () => {
    expect(readRedirect(await get(rp.authorizeUrl({ state: undefined })))).not.toHaveProperty('state')
  })

  it.each([
    ['NUL', 'state=a%00b'],
    ['a broken percent-encoding', 'state=%zz'],
    ['a percent sign at the end', 'state=%'],
    ['half a percent-encoding', 'state=%4'],
    ['Latin-1', 'state=caf%e9'],
    ['an overlong encoding', 'state=%c0%80'],
    ['an encoded surrogate', 'state=%ed%a0%80'],
    ['a truncated sequence', 'nonce=%f0%9f%94'],
    ['a broken name', '%ff=1'],
    ['more than 100 parameters', Array.from({ length: 100 }, (_, index) => `x${index}=1`).join('&')],
  ])('that contains %s is rejected on a page', async (_, more) => {
    for (const answer of [await get(`${rp.authorizeUrl()}&${more}`), await post(`${query()}&${more}`)]) {
      expect(readErrorPage(answer)).toEqual({ status: 400, code: 'invalid_request', location: undefined })
    }
  })

  it('that is posted in bytes other than UTF-8 is rejected on a page', async () => {
    for (const nonce of ['caf', '%63af']) {
      const answer = await post(Buffer.concat([Buffer.from(`${query()}&nonce=${nonce}`), Buffer.from([0xe9])]))
      expect(readErrorPage(answer)).toEqual({ status: 400, code: 'invalid_request', location: undefined })
    }
  })

  it.each([
    ['JSON', 'application/json', 415],
    ['plain text', 'text/plain', 415],
    ['multipart', 'multipart/form-data; boundary=x', 415],
    ['another charset', `${FORM}; charset=iso-8859-1`, 400],
    ['UTF-16', `${FORM}; charset="utf-16"`, 400],
  ])('that is posted as %s is rejected on a page', async (_, contentType, status) => {
    expect(readErrorPage(await post(query(), contentType))).toMatchObject({ status, location: undefined })
  })

  it.each([`${FORM}; charset=UTF-8`, `${FORM};charset="utf-8"`])('may be posted as %s', async (contentType) => {
    expect(readRedirect(await post(query(), contentType))).toHaveProperty('code')
  })

  it('that is too large is rejected with 413', async () => {
    const answer = await post(`${query()}&x=${'y'.repeat(40_000)}`)
    expect(readErrorPage(answer)).toMatchObject({ status: 413, location: undefined })
  })
})

describe('the client of an authorization request', () => {
  const countLookups = async (send: () => Promise<unknown>) => {
    const find = vi.spyOn(test.repositories.clientCache, 'find')
    try {
      await send()
      return find.mock.calls.length
    } finally {
      find.mockRestore()
    }
  }

  it.each<[string, () => Promise<unknown>]>([
    ['a request that is answered with a code', () => get(rp.authorizeUrl())],
    ['a posted request', () => post(query())],
    ['a request that needs a sign-in', () => test.app.inject(rp.authorizeUrl())],
    ['a request that is rejected by redirect', () => test.app.inject(rp.authorizeUrl({ prompt: 'none' }))],
  ])('is looked up once for %s', async (_what, send) => {
    expect(await countLookups(send)).toBe(1)
  })

  it('is looked up once for a pushed request', async () => {
    const url = await rp.pushedUrl()
    expect(await countLookups(() => get(url))).toBe(1)
  })

  it('is looked up once when the browser returns from a page', async () => {
    const started = await test.app.inject(rp.authorizeUrl())
    const request = new URL(started.headers.location ?? '', ISSUER).searchParams.get('request') ?? ''
    const resume = {
      url: `/oauth2/authorize/resume?request=${request}`,
      cookies: Object.fromEntries(started.cookies.map(({ name, value }) => [name, value])),
    }
    expect(await countLookups(() => test.app.inject(resume))).toBe(1)
  })
})
