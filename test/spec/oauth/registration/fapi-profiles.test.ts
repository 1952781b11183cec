import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { dpopProof, errorOf, GRANTED, makeDpopKey, type DpopKey } from '../../../support/dpop.ts'
import { readErrorPage } from '../../../support/read-response.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../../support/relying-party.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const MTLS = 'https://mtls.example.com'
const HOUR = 3_600

interface Problem {
  errors: { path: (string | number)[]; message: string }[]
}

let api: Api
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let proofKey: DpopKey
let signedIn: Browser
let jwks: { keys: object[] }

beforeAll(async () => {
  api = await createApi({ mtls: { mtlsUrl: MTLS } })
  pair = await generateKeyPair('ES256', { extractable: true })
  jwks = { keys: [await exportJWK(pair.publicKey)] }
  proofKey = await makeDpopKey()
  signedIn = await api.signedInBrowser()
})
afterAll(() => api.close())

const seconds = () => Math.floor(api.clock.now().getTime() / 1000)
const sign = (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(pair.privateKey)
const settings = (profile: string, more: object = {}) => ({
  name: 'Bank',
  clientType: 'confidential',
  profile,
  redirectUris: [REDIRECT_URI],
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  requireConsent: false,
  jwks,
  ...more,
})

let count = 0
/** The credentials of a client with a key. */
async function credentials({ clientId }: RegisteredTestClient, aud: unknown = ISSUER): Promise<Record<string, string>> {
  count += 1
  const assertion = { iss: clientId, sub: clientId, aud, exp: seconds() + 60, jti: `assertion-${count}` }
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: await sign(assertion) }
}

let nonce: string | undefined
/** Sends a form with a proof, and the nonce that the server asks for. */
async function post(client: RegisteredTestClient, path: string, form: Record<string, string>, claims: object = {}) {
  const send = async () => {
    const proof = await dpopProof(api, proofKey, { path, claims: { ...claims }, ...(nonce !== undefined && { nonce }) })
    return relyingParty(api, client).post(path, { ...form, ...(await credentials(client)) }, { dpop: proof })
  }
  const first = await send()
  if (errorOf(first)[1] !== 'use_dpop_nonce') return first
  nonce = String(first.headers['dpop-nonce'])
  return send()
}

/** The code of a request that the client pushes. */
async function pushedCode(client: RegisteredTestClient, rp: ReturnType<typeof relyingParty>): Promise<string> {
  const pushed = await post(client, '/oauth2/par', rp.request({ scope: 'openid offline_access' }))
  expect(pushed.statusCode).toBe(201)
  const { request_uri } = pushed.json<{ request_uri: string }>()
  await signedIn.get(`/oauth2/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri })}`)
  return signedIn.answer().get('code') ?? ''
}

describe('the profile fapi2-security', () => {
  it('sets what FAPI 2.0 requires where a registration leaves it out', async () => {
    expect(await api.registerClient(settings('fapi2-security'))).toMatchObject({
      tokenEndpointAuthMethod: 'private_key_jwt',
      requirePkce: true,
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: true,
      tlsClientCertificateBoundAccessTokens: false,
      idTokenSignedResponseAlg: 'ES256',
      refreshTokenRotation: 'static',
      responseTypes: ['code'],
    })
  })

  it.each([
    ['clientType', { clientType: 'public', tokenEndpointAuthMethod: 'none' }, /confidential under/],
    ['requirePushedAuthorizationRequests', { requirePushedAuthorizationRequests: false }, /be true under/],
    ['requirePkce', { requirePkce: false }, /be true under/],
    ['dpopBoundAccessTokens', { dpopBoundAccessTokens: false }, /unless tlsClientCertificateBoundAccessTokens/],
    ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'client_secret_basic' }, /private_key_jwt/],
  ])('rejects another %s', async (setting, more, message) => {
    const body = settings('fapi2-security', more)
    const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', { body })
    expect(answer.statusCode).toBe(400)
    const found = answer.json<Problem>().errors.filter(({ path }) => path.join('.') === setting)
    expect(found.map((issue) => issue.message)).toContainEqual(expect.stringMatching(message))
  })

  it('keeps the refresh token of a client, which may be used again and again (§5.3.2.1)', async () => {
    const client = await api.registerClient(settings('fapi2-security'))
    const rp = relyingParty(api, client)
    const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code_verifier: rp.verifier }
    const redeemed = await post(client, '/oauth2/token', { ...form, code: await pushedCode(client, rp) })
    const { refresh_token: token } = redeemed.json<Tokens>()
    for (let use = 0; use < 3; use += 1) {
      const refreshed = await post(client, '/oauth2/token', { grant_type: 'refresh_token', refresh_token: token })
      expect(errorOf(refreshed)).toEqual(GRANTED)
      expect(refreshed.json<Tokens>().refresh_token).toBe(token)
      api.clock.advance(120)
    }
  })

  it('rejects a response type that it does not have as unsupported', async () => {
    const client = await api.registerClient(settings('fapi2-security'))
    const form = relyingParty(api, client).request({ response_type: 'code id_token', nonce: 'n' })
    expect(errorOf(await post(client, '/oauth2/par', form))).toEqual([400, 'unsupported_response_type'])
  })
})

describe('RFC 9449 §11.1 a proof with a nonce of this server', () => {
  it.each([HOUR, -HOUR])('may have an iat that is %i seconds off, and is accepted once', async (offset) => {
    const client = await api.registerClient(settings('fapi2-security'))
    const rp = relyingParty(api, client)
    const claims = { iat: seconds() + offset, jti: `off-by-${offset}` }
    const form = () => rp.request({ scope: 'openid' })
    expect((await post(client, '/oauth2/par', form(), claims)).statusCode).toBe(201)
    expect(errorOf(await post(client, '/oauth2/par', form(), claims))).toEqual([400, 'invalid_dpop_proof'])
    api.clock.advance(HOUR)
    expect(errorOf(await post(client, '/oauth2/par', form(), { ...claims, nonce }))).toEqual([400, 'use_dpop_nonce'])
    nonce = undefined
    signedIn = await api.signedInBrowser()
  })
})

describe('the profile fapi2-message-signing', () => {
  let client: RegisteredTestClient
  beforeAll(async () => {
    client = await api.registerClient(settings('fapi2-message-signing', { requireJarm: true }))
  })
  const push = async (claims: Record<string, unknown>) =>
    errorOf(await post(client, '/oauth2/par', { client_id: client.clientId, request: await sign(claims) }))
  const valid = (more: object = {}) => ({
    ...relyingParty(api, client).request({ response_mode: 'jwt' }),
    iss: client.clientId,
    aud: ISSUER,
    nbf: seconds(),
    exp: seconds() + 300,
    ...more,
  })

  it('requires a signed request object', async () => {
    expect(client).toMatchObject({ requireSignedRequestObject: true, requirePushedAuthorizationRequests: true })
    const unsigned = await post(client, '/oauth2/par', relyingParty(api, client).request({ response_mode: 'jwt' }))
    expect(errorOf(unsigned)).toEqual([400, 'invalid_request'])
    expect(await push(valid())).toEqual([201, undefined])
  })

  it.each([
    ['without exp', () => ({ exp: undefined })],
    ['without nbf', () => ({ nbf: undefined })],
    ['with an nbf of more than an hour ago', () => ({ nbf: seconds() - HOUR - 1 })],
    ['that is valid for more than an hour', () => ({ exp: seconds() + HOUR + 1 })],
  ])('rejects a request object %s', async (_, more) => {
    expect(await push(valid(more()))).toEqual([400, 'invalid_request_object'])
  })

  it('accepts a request object of almost an hour ago that is valid for an hour', async () => {
    expect(await push(valid({ nbf: seconds() - HOUR + 60, exp: seconds() + 60 }))).toEqual([201, undefined])
  })

  it.each([undefined, 'query', 'form_post'])(
    'rejects response_mode %s of a client that requires JWTs',
    async (mode) => {
      expect(await push(valid({ response_mode: mode }))).toEqual([400, 'invalid_request'])
    },
  )
})

describe('a client whose authorization responses must be JWTs', () => {
  it('receives errors as JWTs, whatever it requested', async () => {
    const client = await api.registerClient({ clientType: 'confidential', requireConsent: false, requireJarm: true })
    const rp = relyingParty(api, client)
    for (const more of [{}, { response_mode: 'query' }, { response_mode: 'jwt', prompt: 'wrong' }]) {
      await signedIn.get(rp.authorizeUrl(more))
      expect([...signedIn.answer().keys()]).toEqual(['response'])
      const { error, state } = decodeJwt(signedIn.answer().get('response') ?? '')
      expect([error, state]).toEqual(['invalid_request', 'a-state'])
    }
    await signedIn.get(rp.authorizeUrl({ response_mode: 'jwt' }))
    expect(decodeJwt(signedIn.answer().get('response') ?? '')['code']).toMatch(/^authz_/)
  })
})

describe('the profile fapi1-advanced', () => {
  let client: RegisteredTestClient
  beforeAll(async () => {
    client = await api.registerClient(
      settings('fapi1-advanced', {
        grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
        responseTypes: ['code', 'code id_token'],
        requirePkce: false,
      }),
    )
  })
  async function visit(more: Record<string, string | undefined>): Promise<Browser> {
    const parameters = relyingParty(api, client).request({ nonce: 'n', ...more })
    const claims = { iss: client.clientId, aud: ISSUER, nbf: seconds(), exp: seconds() + 300 }
    const object = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== 'left out'))
    const outer = { ...parameters, request: await sign({ ...object, ...claims }) }
    return signedIn.get(`/oauth2/authorize?${new URLSearchParams(outer)}`)
  }

  it('has certificate-bound tokens and signed requests, and no DPoP', () => {
    expect(client).toMatchObject({
      tlsClientCertificateBoundAccessTokens: true,
      dpopBoundAccessTokens: false,
      requireSignedRequestObject: true,
      requirePushedAuthorizationRequests: false,
      refreshTokenRotation: 'rotating',
    })
  })

  it('puts the hash of state beside that of the code, and none without a state (§5.1.1)', async () => {
    const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    const answer = (await visit({ response_type: 'code id_token' })).answer()
    const claims = decodeJwt(answer.get('id_token') ?? '')
    expect(claims).toMatchObject({ s_hash: half('a-state'), c_hash: half(answer.get('code') ?? '') })
    const without = (await visit({ response_type: 'code id_token', state: undefined })).answer()
    expect(decodeJwt(without.get('id_token') ?? '')['s_hash']).toBeUndefined()
  })

  it('sends a code alone only in a JWT (§5.2.2)', async () => {
    const refused = (await visit({})).answer()
    expect([...refused.keys()]).toEqual(['response'])
    expect(decodeJwt(refused.get('response') ?? '')['error']).toBe('invalid_request')
    const answer = (await visit({ response_mode: 'jwt' })).answer()
    expect(decodeJwt(answer.get('response') ?? '')['code']).toMatch(/^authz_/)
  })

  it('rejects a request object without scope, and one without redirect_uri', async () => {
    const withoutScope = await visit({ response_type: 'code id_token', scope: 'left out' })
    expect(withoutScope.answer().get('error')).toBe('invalid_request_object')
    const withoutTarget = await visit({ response_type: 'code id_token', redirect_uri: 'left out' })
    expect(readErrorPage(withoutTarget.page)).toMatchObject({ code: 'invalid_request_object' })
  })
})

describe('a client without FAPI', () => {
  it('authenticates by an assertion for the token endpoint of mtls_endpoint_aliases (RFC 8705 §5)', async () => {
    const client = await api.registerClient({
      ...settings('openid', { tokenEndpointAuthMethod: 'private_key_jwt', grantTypes: ['client_credentials'] }),
      scopes: ['api'],
      redirectUris: [],
    })
    const ask = async (aud: string) =>
      errorOf(
        await relyingParty(api, client).post('/oauth2/token', {
          grant_type: 'client_credentials',
          ...(await credentials(client, aud)),
        }),
      )
    expect(await ask(`${MTLS}/oauth2/token`)).toEqual(GRANTED)
    expect(await ask('https://other.example.com/oauth2/token')).toEqual([401, 'invalid_client'])
  })

  it('finds its x-fapi-interaction-id at userinfo, if it is a UUID', async () => {
    const rp = relyingParty(api, await api.registerClient({ requireConsent: false }))
    const { access_token: token } = await rp.tokens(signedIn)
    const ask = (id: string) =>
      api.app.inject({
        url: '/oauth2/userinfo',
        headers: { authorization: `Bearer ${token}`, 'x-fapi-interaction-id': id },
      })
    const id = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a'
    expect((await ask(id)).headers['x-fapi-interaction-id']).toBe(id)
    expect((await ask('not one')).headers['x-fapi-interaction-id']).toBeUndefined()
  })

  it('finds sid in its ID tokens only if it registered a logout', async () => {
    const sidOf = async (more: object) => {
      const rp = relyingParty(api, await api.registerClient({ requireConsent: false, ...more }))
      return decodeJwt((await rp.tokens(signedIn)).id_token)['sid']
    }
    expect(await sidOf({})).toBeUndefined()
    expect(await sidOf({ postLogoutRedirectUris: ['https://app.example.com/bye'] })).toEqual(expect.any(String))
    expect(await sidOf({ backchannelLogoutUri: 'https://app.example.com/back' })).toEqual(expect.any(String))
    expect(await sidOf({ frontchannelLogoutUri: 'https://app.example.com/front' })).toEqual(expect.any(String))
  })
})
