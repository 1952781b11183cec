import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const FORM = 'application/x-www-form-urlencoded'
const INVALID_REQUEST = { status: 400, error: 'invalid_request', cache: 'no-store' }

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let machine: RegisteredTestClient
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  rp = relyingParty(test, client)
  machine = await test.registerClient({
    clientType: 'confidential',
    tokenEndpointAuthMethod: 'client_secret_post',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['reports:read'],
  })
  browser = await test.signedInBrowser()
})
afterAll(() => test.close())

const send = (payload: string | Buffer, contentType: string | undefined = FORM) =>
  test.app.inject({
    method: 'POST',
    url: '/oauth2/token',
    payload,
    headers: contentType === '' ? {} : { 'content-type': contentType },
  })

/** A valid form for each grant type. */
const forms = {
  authorization_code: async () => ({
    grant_type: 'authorization_code',
    client_id: client.clientId,
    code: await rp.code(browser),
    redirect_uri: REDIRECT_URI,
    code_verifier: rp.verifier,
  }),
  refresh_token: async () => ({
    grant_type: 'refresh_token',
    client_id: client.clientId,
    refresh_token: (await rp.tokens(browser)).refresh_token,
    scope: 'openid',
  }),
  client_credentials: async () => ({
    grant_type: 'client_credentials',
    client_id: machine.clientId,
    client_secret: machine.clientSecret ?? '',
    scope: 'reports:read',
  }),
}
type Grant = keyof typeof forms

const REFUSED_WITHOUT: [Grant, string, number, string][] = [
  ['authorization_code', 'grant_type', 400, 'invalid_request'],
  ['authorization_code', 'client_id', 401, 'invalid_client'],
  ['authorization_code', 'code', 400, 'invalid_request'],
  ['authorization_code', 'redirect_uri', 400, 'invalid_grant'],
  ['authorization_code', 'code_verifier', 400, 'invalid_grant'],
  ['refresh_token', 'grant_type', 400, 'invalid_request'],
  ['refresh_token', 'client_id', 401, 'invalid_client'],
  ['refresh_token', 'refresh_token', 400, 'invalid_request'],
  ['client_credentials', 'grant_type', 400, 'invalid_request'],
  ['client_credentials', 'client_id', 401, 'invalid_client'],
  ['client_credentials', 'client_secret', 401, 'invalid_client'],
]
const EVERY_PARAMETER: [Grant, string][] = [
  ...REFUSED_WITHOUT.map(([grant, name]): [Grant, string] => [grant, name]),
  ['refresh_token', 'scope'],
  ['client_credentials', 'scope'],
]

describe('RFC 6749 §3.2 the token endpoint', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const)('refuses %s with 405 and Allow', async (method) => {
    const answer = await test.app.inject({ method, url: '/oauth2/token' })
    expect(answer.statusCode).toBe(405)
    expect(answer.headers.allow).toBe('POST')
  })

  it('returns errors as JSON', async () => {
    const answer = await test.app.inject({ method: 'GET', url: '/oauth2/token' })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(readOAuthError(answer)).toEqual({ status: 405, error: 'invalid_request', cache: 'no-store' })
  })

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense', ''])(
    'rejects a body of type %j',
    async (contentType) => {
      const form = await forms.authorization_code()
      const body = contentType === 'application/json' ? JSON.stringify(form) : new URLSearchParams(form).toString()
      expect(readOAuthError(await send(body, contentType))).toEqual(INVALID_REQUEST)
    },
  )

  it.each([`${FORM}; charset=iso-8859-1`, `${FORM};charset=utf-16`, `${FORM}; charset="windows-1252"`])(
    'rejects %s',
    async (contentType) => {
      const form = new URLSearchParams(await forms.authorization_code()).toString()
      expect(readOAuthError(await send(form, contentType))).toEqual(INVALID_REQUEST)
    },
  )

  it.each([`${FORM}; charset=UTF-8`, `${FORM};charset="utf-8"`, 'Application/X-WWW-Form-Urlencoded'])(
    'accepts %s',
    async (contentType) => {
      const form = new URLSearchParams(await forms.authorization_code()).toString()
      expect((await send(form, contentType)).statusCode).toBe(200)
    },
  )

  it.each([
    ['NUL', 'x=a%00b'],
    ['a broken percent-encoding', 'x=%zz'],
    ['a percent sign at the end', 'x=1%'],
    ['Latin-1', 'x=caf%e9'],
    ['an overlong encoding', 'x=%c0%80'],
    ['an encoded surrogate', 'x=%ed%a0%80'],
    ['a broken name', '%ff=1'],
    ['a raw control character', 'x=a\u0001b'],
    ['more than 100 fields', Array.from({ length: 100 }, (_, index) => `x${index}=1`).join('&')],
    ['more than 100 empty fields', '&'.repeat(200)],
  ])('rejects a body with %s, and the code stays valid', async (_, more) => {
    const form = new URLSearchParams(await forms.authorization_code()).toString()
    expect(readOAuthError(await send(`${form}&${more}`))).toEqual(INVALID_REQUEST)
    expect((await send(form)).statusCode).toBe(200)
  })

  it('rejects bytes other than UTF-8', async () => {
    const form = Buffer.from(`${new URLSearchParams(await forms.authorization_code())}&x=%41`)
    expect(readOAuthError(await send(Buffer.concat([form, Buffer.from([0xff])])))).toEqual(INVALID_REQUEST)
  })

  it('rejects a body that is too large with 413', async () => {
    const form = new URLSearchParams(await forms.authorization_code()).toString()
    const answer = await send(`${form}&x=${'y'.repeat(40_000)}`)
    expect(readOAuthError(answer)).toEqual({ ...INVALID_REQUEST, status: 413 })
    expect((await send(form)).statusCode).toBe(200)
  })

  it('rejects an empty body', async () => {
    expect(readOAuthError(await send(''))).toMatchObject({ error: 'invalid_client' })
  })

  it('ignores the query', async () => {
    const { code, ...form } = await forms.authorization_code()
    const answer = await test.app.inject({
      method: 'POST',
      url: `/oauth2/token?${new URLSearchParams({ code })}`,
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': FORM },
    })
    expect(readOAuthError(answer)).toEqual(INVALID_REQUEST)
  })

  it('ignores fields that it does not know', async () => {
    const form = { ...(await forms.authorization_code()), constructor: 'x', toString: 'y', audience: 'z' }
    expect((await send(new URLSearchParams(form).toString())).statusCode).toBe(200)
  })

  it.each(EVERY_PARAMETER)('%s: refuses %s sent twice, and nothing is used up', async (grant, name) => {
    const form = new URLSearchParams(await forms[grant]())
    for (const value of [form.get(name) ?? '', 'another', '']) {
      const answer = await send(`${form}&${new URLSearchParams({ [name]: value })}`)
      expect(readOAuthError(answer)).toEqual(INVALID_REQUEST)
      expect(answer.json<{ error_description: string }>().error_description).toContain(`'${name}'`)
    }
    expect((await send(form.toString())).statusCode).toBe(200)
  })

  it.each(REFUSED_WITHOUT)('%s: is refused without %s, or with an empty one', async (grant, name, status, error) => {
    const form = new URLSearchParams(await forms[grant]())
    form.delete(name)
    expect(readOAuthError(await send(form.toString()))).toEqual({ status, error, cache: 'no-store' })
    form.set(name, '')
    expect(readOAuthError(await send(form.toString()))).toEqual({ status, error, cache: 'no-store' })
  })
})

describe('RFC 6749 §5.1, §5.2 the response', () => {
  it.each(Object.keys(forms) as Grant[])('%s: tokens are JSON that must not be cached', async (grant) => {
    const answer = await send(new URLSearchParams(await forms[grant]()).toString())
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600, access_token: expect.any(String) })
  })

  it.each(['password', 'implicit', 'Authorization_Code', 'urn:ietf:params:oauth:grant-type:saml2-bearer', '__proto__'])(
    'the grant type %s is not supported',
    async (grant) => {
      const answer = await rp.post('/oauth2/token', { grant_type: grant, client_id: client.clientId })
      expect(readOAuthError(answer)).toEqual({ status: 400, error: 'unsupported_grant_type', cache: 'no-store' })
    },
  )

  it('a grant type that the client is not registered for is rejected', async () => {
    const form = { ...(await forms.client_credentials()), grant_type: 'refresh_token', refresh_token: 'x' }
    const answer = await send(new URLSearchParams(form).toString())
    expect(readOAuthError(answer)).toEqual({ status: 400, error: 'unauthorized_client', cache: 'no-store' })
    const person = await rp.post('/oauth2/token', { grant_type: 'client_credentials', client_id: client.clientId })
    expect(readOAuthError(person)).toMatchObject({ status: 400, error: 'unauthorized_client' })
  })
})
