import {
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readErrorPage } from '../../../support/read-response.ts'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, OWNER } from '../../../support/app.ts'
import { readForm, type Browser } from '../../../support/browser.ts'
import { keySet } from '../../../support/published-keys.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const ALL_TYPES = {
  clientType: 'confidential',
  grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
  responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
}

let api: Api
let signedIn: Browser
let rp: ReturnType<typeof relyingParty>
let clientId: string
let ec: { privateKey: CryptoKey; publicKey: CryptoKey }

beforeAll(async () => {
  api = await createApi()
  ec = await generateKeyPair('ECDH-ES', { extractable: true })
  signedIn = await api.signedInBrowser()
  const client = await api.registerClient(ALL_TYPES)
  clientId = client.clientId
  rp = relyingParty(api, client)
})
afterAll(() => api.close())

/** The target, the transport and the parameters of a response. */
function carried(browser: Browser) {
  if (browser.page.statusCode === 200) {
    const { action, hidden } = readForm(browser.page.body)
    return { to: action, by: 'form_post', parameters: hidden }
  }
  const [to = ''] = browser.url.split(/[?#]/, 1)
  const by = new URL(browser.url).hash === '' ? 'query' : 'fragment'
  return { to, by, parameters: Object.fromEntries(browser.answer()) }
}
/** The claims of the parameter `response`, which must be the only one. */
async function read(browser: Browser, audience = clientId): Promise<JWTPayload> {
  const { parameters } = carried(browser)
  expect(Object.keys(parameters)).toEqual(['response'])
  return verify(parameters['response'] ?? '', audience)
}
async function verify(response: string, audience = clientId): Promise<JWTPayload> {
  const options = { issuer: ISSUER, audience, currentDate: api.clock.now() }
  return (await jwtVerify(response, createLocalJWKSet(await keySet(api)), options)).payload
}
const ask = async (more: Record<string, string | undefined>, as = rp, browser = signedIn) =>
  browser.get(as.authorizeUrl({ nonce: 'n', ...more }))
const seconds = () => Math.floor(api.clock.now().getTime() / 1000)

describe('JARM §2.1 the response is a JWT', () => {
  it('for the client, signed by a published key, valid for minutes, with all response parameters', async () => {
    await ask({ response_mode: 'jwt', state: 'a&b=c "é"' })
    const { to, by, parameters } = carried(signedIn)
    expect([to, by, Object.keys(parameters)]).toEqual([REDIRECT_URI, 'query', ['response']])
    const { kid } = decodeProtectedHeader(parameters['response'] ?? '')
    expect(decodeProtectedHeader(parameters['response'] ?? '')).toEqual({ alg: 'RS256', typ: 'JWT', kid })
    const claims = await verify(parameters['response'] ?? '')
    expect(claims).toEqual({
      iss: ISSUER,
      aud: clientId,
      exp: seconds() + 300,
      code: expect.stringMatching(/^authz_/),
      state: 'a&b=c "é"',
      session_state: expect.any(String),
    })
    expect((await rp.exchange(String(claims['code']))).statusCode).toBe(200)
  })

  it('has no state if none was sent', async () => {
    await ask({ response_mode: 'jwt', state: undefined })
    expect(await read(signedIn)).not.toHaveProperty('state')
  })

  it('contains tokens, and the ID token is a separate JWT', async () => {
    await ask({ response_mode: 'jwt', response_type: 'code id_token token' })
    const claims = await read(signedIn)
    expect(Object.keys(claims).toSorted()).toEqual(
      [
        'access_token',
        'aud',
        'code',
        'exp',
        'expires_in',
        'id_token',
        'iss',
        'scope',
        'session_state',
        'state',
        'token_type',
      ].toSorted(),
    )
    expect((await rp.userinfo(String(claims['access_token']))).statusCode).toBe(200)
    expect(await verify(String(claims['id_token']))).toHaveProperty('c_hash')
  })

  it('is not accepted as an ID token', async () => {
    await ask({ response_mode: 'jwt' })
    const { response = '' } = carried(signedIn).parameters
    await ask({ id_token_hint: response, prompt: 'none' })
    expect(carried(signedIn).parameters['error']).toBe('invalid_request')
    const out = await api.app.inject(`/oauth2/logout?${new URLSearchParams({ id_token_hint: response })}`)
    expect(readErrorPage(out)).toMatchObject({ status: 400, code: 'invalid_request' })
  })
})

describe('JARM §2.3 the response mode selects the transport', () => {
  it.each([
    ['jwt', 'code', 'query'],
    ['query.jwt', 'code', 'query'],
    ['fragment.jwt', 'code', 'fragment'],
    ['form_post.jwt', 'code', 'form_post'],
    ['jwt', 'id_token', 'fragment'],
    ['jwt', 'code id_token', 'fragment'],
    ['fragment.jwt', 'code token', 'fragment'],
    ['form_post.jwt', 'id_token token', 'form_post'],
  ])('%s of %s by %s', async (response_mode, response_type, by) => {
    await ask({ response_mode, response_type })
    expect(carried(signedIn)).toMatchObject({ to: REDIRECT_URI, by })
    expect(await read(signedIn)).not.toHaveProperty('error')
  })

  it.each(['id_token', 'code token', 'code id_token token'])('query.jwt is rejected for %s', async (response_type) => {
    await ask({ response_mode: 'query.jwt', response_type })
    expect(carried(signedIn).by).toBe('fragment')
    expect(await read(signedIn)).toMatchObject({ error: 'invalid_request', state: 'a-state' })
  })

  it('form_post.jwt requires an http or https redirect URI', async () => {
    const uri = 'com.example.app:/callback'
    const app = await api.registerClient({ redirectUris: [uri] })
    await ask({ response_mode: 'form_post.jwt', redirect_uri: uri }, relyingParty(api, app))
    expect(carried(signedIn)).toMatchObject({ to: uri, by: 'query' })
    expect(await read(signedIn, app.clientId)).toMatchObject({ error: 'invalid_request' })
  })

  it.each(['JWT', 'jwt.jwt', 'form_post.JWT', '.jwt', 'query.jwt fragment.jwt'])(
    'the mode %j is rejected',
    async (response_mode) => {
      await ask({ response_mode })
      expect(carried(signedIn).parameters).toMatchObject({ error: 'invalid_request', iss: ISSUER })
    },
  )
})

describe('JARM §2.1 errors are JWTs, too', () => {
  const nothing = async () => {}
  it.each<[string, 'a user' | 'no user', Record<string, string | undefined>, (browser: Browser) => Promise<unknown>]>([
    ['login_required', 'no user', { prompt: 'none' }, nothing],
    ['access_denied', 'no user', {}, async (browser) => browser.submit({}, 'cancel')],
    ['invalid_scope', 'a user', { scope: 'openid admin' }, nothing],
    ['unsupported_response_type', 'a user', { response_type: 'token' }, nothing],
    ['invalid_request', 'a user', { code_challenge_method: 'plain' }, nothing],
    ['invalid_request_object', 'a user', { request: 'x' }, nothing],
  ])('%s for %s with %j', async (error, who, more, act) => {
    for (const response_mode of ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']) {
      const browser = who === 'no user' ? api.browser() : signedIn
      await ask({ response_mode, ...more }, rp, browser)
      await act(browser)
      expect(await read(browser)).toEqual({
        iss: ISSUER,
        aud: clientId,
        exp: seconds() + 300,
        error,
        error_description: expect.any(String),
        state: 'a-state',
        session_state: expect.any(String),
      })
    }
  })

  it('after the user decided', async () => {
    const asking = await api.registerClient({ requireConsent: true })
    const as = relyingParty(api, asking)
    for (const [button, member] of [
      ['deny', 'error'],
      ['allow', 'code'],
    ] as const) {
      const browser = api.browser()
      await ask({ response_mode: 'jwt' }, as, browser)
      await browser.submit(OWNER, 'sign-in')
      await browser.submit({}, button)
      expect(await read(browser, asking.clientId)).toHaveProperty(member)
    }
  })

  it('but not if the redirect URI is not verified', async () => {
    await ask({ response_mode: 'jwt', redirect_uri: 'https://evil.example/' })
    expect(readErrorPage(signedIn.page)).toMatchObject({ code: 'redirect_uri_mismatch', location: undefined })
  })
})

describe('JARM §3 as the client registered it', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed by %s', async (alg) => {
    const client = await api.registerClient({ authorizationSignedResponseAlg: alg })
    await ask({ response_mode: 'jwt' }, relyingParty(api, client))
    expect(decodeProtectedHeader(carried(signedIn).parameters['response'] ?? '')).toMatchObject({ alg })
    expect(await read(signedIn, client.clientId)).toHaveProperty('code')
  })

  it('by ES256 under the profile oauth2.1, which allows no tokens and no fragment', async () => {
    const jwks = { keys: [await exportJWK(ec.publicKey)] }
    const settings = { clientType: 'confidential', profile: 'oauth2.1', jwks, scopes: ['openid', 'profile', 'email'] }
    const client = await api.registerClient({ ...settings, grantTypes: ['authorization_code'] })
    const as = relyingParty(api, client)
    await ask({ response_mode: 'jwt' }, as)
    expect(decodeProtectedHeader(carried(signedIn).parameters['response'] ?? '')).toMatchObject({ alg: 'ES256' })
    await ask({ response_mode: 'fragment.jwt' }, as)
    expect(carried(signedIn)).toMatchObject({ by: 'query', parameters: { error: 'invalid_request' } })
    const refused = await api.send(api.owner, 'POST', '/v1/admin/clients', {
      body: { name: 'A', redirectUris: [REDIRECT_URI], ...settings, authorizationSignedResponseAlg: 'RS256' },
    })
    expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('authorizationSignedResponseAlg')])
  })

  it('and is never unsigned, nor encrypted without a key', async () => {
    for (const settings of [
      { authorizationSignedResponseAlg: 'none' },
      { authorizationEncryptedResponseAlg: 'ECDH-ES' },
      { authorizationEncryptedResponseEnc: 'A256GCM' },
    ]) {
      const body = { name: 'A', clientType: 'public', redirectUris: [REDIRECT_URI], ...settings }
      const refused = await api.send(api.owner, 'POST', '/v1/admin/clients', { body })
      expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining(Object.keys(settings)[0] ?? '')])
    }
  })

  it('§2.2 is encrypted to its key, errors too', async () => {
    const jwks = { keys: [{ ...(await exportJWK(ec.publicKey)), use: 'enc', kid: 'theirs' }] }
    const client = await api.registerClient({ jwks, authorizationEncryptedResponseAlg: 'ECDH-ES' })
    expect(client['authorizationEncryptedResponseEnc']).toBe('A128CBC-HS256')
    for (const [more, member] of [
      [{}, 'code'],
      [{ scope: 'openid admin' }, 'error'],
    ] as const) {
      await ask({ response_mode: 'jwt', ...more }, relyingParty(api, client))
      const { parameters } = carried(signedIn)
      expect(Object.keys(parameters)).toEqual(['response'])
      const { plaintext, protectedHeader } = await compactDecrypt(parameters['response'] ?? '', ec.privateKey)
      expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A128CBC-HS256', cty: 'JWT', kid: 'theirs' })
      expect(await verify(Buffer.from(plaintext).toString(), client.clientId)).toHaveProperty(member)
    }
  })

  it('§2.2 is replaced by an error page if the client has no such key any more', async () => {
    const client = await api.registerClient({
      jwks: { keys: [await exportJWK(ec.publicKey)] },
      authorizationEncryptedResponseAlg: 'ECDH-ES',
    })
    const signing = await generateKeyPair('RS256', { extractable: true })
    const jwks = { keys: [await exportJWK(signing.publicKey)] }
    await api.send(api.owner, 'PATCH', `/v1/admin/clients/${client.id}`, { body: { jwks } })
    for (const more of [{}, { scope: 'openid admin' }]) {
      await ask({ response_mode: 'jwt', ...more }, relyingParty(api, client))
      expect(readErrorPage(signedIn.page)).toMatchObject({ status: 400, code: 'invalid_request', location: undefined })
    }
    const { checks } = (await api.send(api.owner, 'POST', `/v1/admin/clients/${client.id}/test`, { body: {} })).json<{
      checks: { name: string; outcome: string }[]
    }>()
    expect(checks).toContainEqual(expect.objectContaining({ name: 'authorization_encryption', outcome: 'failed' }))
  })

  it('and as it registered itself', async () => {
    await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    const metadata = {
      redirect_uris: [REDIRECT_URI],
      jwks: { keys: [await exportJWK(ec.publicKey)] },
      authorization_signed_response_alg: 'ES256',
      authorization_encrypted_response_alg: 'ECDH-ES',
      authorization_encrypted_response_enc: 'A256GCM',
    }
    const register = (more: object) =>
      api.app.inject({ method: 'POST', url: '/oauth2/register', payload: { ...metadata, ...more } })
    expect((await register({})).json()).toMatchObject(metadata)
    expect((await register({ authorization_signed_response_alg: 'none' })).json()).toMatchObject({
      error: 'invalid_client_metadata',
      error_description: expect.stringContaining('authorization_signed_response_alg'),
    })
  })
})

describe('JARM with PAR and request objects', () => {
  it('RFC 9126 the mode is pushed', async () => {
    await signedIn.get(await rp.pushedUrl({ response_mode: 'jwt' }))
    expect(await read(signedIn)).toHaveProperty('code')
    const refused = await rp.push({ response_mode: 'query.jwt', response_type: 'id_token', nonce: 'n' })
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([400, 'invalid_request'])
  })

  it('RFC 9101 the mode is in a request object', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const client = await api.registerClient({ jwks: { keys: [await exportJWK(pair.publicKey)] } })
    const request = await new SignJWT({ response_mode: 'form_post.jwt' })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(pair.privateKey)
    await ask({ request }, relyingParty(api, client))
    expect(carried(signedIn).by).toBe('form_post')
    expect(await read(signedIn, client.clientId)).toHaveProperty('code')
  })

  it('§4 discovery says so', async () => {
    const metadata = (await api.app.inject('/.well-known/openid-configuration')).json<Record<string, string[]>>()
    expect(metadata['response_modes_supported']).toEqual(
      expect.arrayContaining(['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']),
    )
    expect(metadata).toMatchObject({
      authorization_signing_alg_values_supported:
        'RS256 PS256 ES256 EdDSA Ed25519 ES384 ES512 PS384 PS512 RS384 RS512'.split(' '),
      authorization_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES'],
      authorization_encryption_enc_values_supported: expect.arrayContaining(['A256GCM']),
    })
  })
})
