// Tokens that are bound to a key, and DPoP proofs of that key.
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedirect } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { makeCertificate } from '../../../support/certificates.ts'
import {
  askResource,
  dpopParty,
  dpopProof,
  errorOf as error,
  GRANTED,
  MACHINE,
  makeDpopKey,
  NO_PROOF,
  USERINFO,
  type Asked,
  type DpopKey,
  type ProofSettings,
} from '../../../support/dpop.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../../support/relying-party.ts'

let test: TestApp
let key: DpopKey
let other: DpopKey
let page: RegisteredTestClient
let machine: RegisteredTestClient

beforeAll(async () => {
  test = await createTestApp()
  ;[key, other] = await Promise.all([makeDpopKey(), makeDpopKey()])
  page = await test.registerClient()
  machine = await test.registerClient(MACHINE)
})
afterAll(() => test.close())

const proof = (settings: ProofSettings = {}, by = key) => dpopProof(test, by, settings)
const party = (client: RegisteredTestClient) => dpopParty(test, client, key)
const resource = (...asked: Asked) => askResource(test, ...asked)
const forUserinfo = (token: string, settings: ProofSettings = {}, by = key) =>
  proof({ method: 'GET', path: USERINFO, token, ...settings }, by)

describe('RFC 9449 §5 tokens are bound to the key of the proof', () => {
  it('as JWTs, as opaque ones, and at introspection (§6)', async () => {
    const opaque = await test.registerClient({ ...MACHINE, accessTokenFormat: 'opaque' })
    for (const client of [machine, opaque]) {
      const rp = party(client)
      const tokens = (await rp.machine(await proof())).json<Tokens>()
      expect(tokens.token_type).toBe('DPoP')
      const expected = { active: true, token_type: 'DPoP', cnf: { jkt: key.thumbprint } }
      expect(await rp.introspection(tokens.access_token)).toMatchObject(expected)
    }
    const { access_token: jwt } = (await party(machine).machine(await proof())).json<Tokens>()
    expect(decodeJwt(jwt)['cnf']).toEqual({ jkt: key.thumbprint })
  })

  it('and to none without a proof', async () => {
    const tokens = (await party(machine).machine()).json<Tokens>()
    expect(tokens.token_type).toBe('Bearer')
    expect(decodeJwt(tokens.access_token)).not.toHaveProperty('cnf')
  })

  it('a refresh token of a public client is bound through all rotations', async () => {
    const rp = party(page)
    const first = await rp.bound()
    expect(error(await rp.renew(first.refresh_token))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.renew(first.refresh_token, await proof({}, other)))).toEqual([400, 'invalid_grant'])
    const second = (await rp.renew(first.refresh_token, await proof())).json<Tokens>()
    expect(decodeJwt(second.access_token)['cnf']).toEqual({ jkt: key.thumbprint })
    expect(error(await rp.renew(second.refresh_token, await proof({}, other)))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.renew(second.refresh_token, await proof()))).toEqual(GRANTED)
  })

  it('a refresh token of a confidential client accepts a new key', async () => {
    const rp = party(
      await test.registerClient({ clientType: 'confidential', tokenEndpointAuthMethod: 'client_secret_post' }),
    )
    const { refresh_token: token } = await rp.bound()
    const renewed = (await rp.renew(token, await proof({}, other))).json<Tokens>()
    expect(renewed.token_type).toBe('DPoP')
    expect(decodeJwt(renewed.access_token)['cnf']).toEqual({ jkt: other.thumbprint })
  })

  it('must be bound for a client that registered so (§5.2)', async () => {
    const rp = party(await test.registerClient({ ...MACHINE, dpopBoundAccessTokens: true }))
    expect(error(await rp.machine())).toEqual(NO_PROOF)
    expect(error(await rp.machine(await proof()))).toEqual(GRANTED)
  })

  it('and cannot be bound for a client whose tokens pass through the browser', async () => {
    const front = { grantTypes: ['authorization_code', 'implicit'], responseTypes: ['code', 'code token'] }
    await expect(test.registerClient({ ...front, dpopBoundAccessTokens: true })).rejects.toThrow(
      'dpopBoundAccessTokens',
    )
  })

  it('can be requested in a dynamic registration', async () => {
    const headers = { cookie: await test.signIn() }
    const policy = {
      method: 'PUT',
      url: '/v1/admin/registration-policy',
      headers,
      payload: { policy: 'open' },
    } as const
    await test.app.inject(policy)
    const payload = {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
    }
    const answer = await test.app.inject({ method: 'POST', url: '/oauth2/register', payload })
    expect(answer.json()).toMatchObject({ dpop_bound_access_tokens: true })
  })
})

describe('RFC 9449 §7 at a resource', () => {
  it('a token is accepted with a proof by its key, for this token and request', async () => {
    const { access_token: token } = await party(page).bound()
    expect((await resource(token, await forUserinfo(token))).statusCode).toBe(200)
    expect((await resource(token, await forUserinfo(token), 'dpop')).statusCode).toBe(200)
    const posted = await party(page).post(
      USERINFO,
      {},
      { authorization: `DPoP ${token}`, dpop: await forUserinfo(token, { method: 'POST' }) },
    )
    expect(posted.statusCode).toBe(200)
  })

  it.each<[string, (token: string, another: string) => Promise<string> | undefined]>([
    ['without a proof', () => undefined],
    ['with a proof by another key', (token) => forUserinfo(token, {}, other)],
    ['with a proof for no token', (token) => forUserinfo(token, { claims: { ath: undefined } })],
    ['with a proof for another token', (_, another) => forUserinfo(another)],
    ['with a proof for another method', (token) => forUserinfo(token, { method: 'POST' })],
    ['with a proof for another endpoint', (token) => forUserinfo(token, { path: '/oauth2/token' })],
  ])('a token is rejected %s', async (_what, make) => {
    const [one, another] = [await party(page).bound(), await party(page).bound()]
    const answer = await resource(one.access_token, await make(one.access_token, another.access_token))
    expect(error(answer)).toEqual([401, 'invalid_dpop_proof'])
    expect(answer.headers['www-authenticate']).toMatch(
      /^DPoP .*error="invalid_dpop_proof".*algs="RS256 PS256 ES256 EdDSA Ed25519 ES384 /,
    )
  })

  it('a token is rejected as a bearer token, in header and form, with a proof or without (§7.2)', async () => {
    const { access_token: token } = await party(page).bound()
    const answers = [
      await resource(token, undefined, 'Bearer'),
      await resource(token, await forUserinfo(token), 'Bearer'),
      await party(page).post(USERINFO, { access_token: token }),
      await party(page).post(USERINFO, { access_token: token }, { dpop: await forUserinfo(token, { method: 'POST' }) }),
    ]
    for (const answer of answers) {
      expect(error(answer)).toEqual([401, 'invalid_token'])
      expect(answer.headers['www-authenticate']).toMatch(/^DPoP .*error="invalid_token".*algs=/)
    }
  })

  it('an unbound token is rejected with the scheme DPoP', async () => {
    const { access_token: token } = await relyingParty(test, page).tokens()
    expect(error(await resource(token, await forUserinfo(token)))).toEqual([401, 'invalid_token'])
    expect((await resource(token, undefined, 'Bearer')).statusCode).toBe(200)
  })

  it.each([
    ['/v1/me/profile', async () => party(page).bound(key, { scope: 'profile email' })],
    ['/v1/admin/clients', async () => (await party(machine).machine(await proof())).json<Tokens>()],
    ['/v1/admin/clients?limit=1', async () => (await party(machine).machine(await proof())).json<Tokens>()],
  ])('%s requires the proof too', async (path, get) => {
    const { access_token: token } = await get()
    const [address = ''] = path.split('?')
    const make = (settings: ProofSettings = {}, by = key) =>
      proof({ method: 'GET', path: address, token, ...settings }, by)
    expect((await resource(token, await make(), 'DPoP', path)).statusCode).toBe(200)
    const refused = [
      await resource(token, undefined, 'DPoP', path),
      await resource(token, await make({}, other), 'DPoP', path),
      await resource(token, await make({ path: USERINFO }), 'DPoP', path),
      await resource(token, await make(), 'Bearer', path),
    ]
    for (const answer of refused) {
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([
        401,
        expect.stringContaining('application/problem+json'),
      ])
      expect(answer.headers['www-authenticate']).toMatch(/^DPoP .*error="invalid_/)
    }
  })
})

describe('RFC 9449 §7, RFC 8705 §3 a token that is bound to a key and a certificate', () => {
  it('requires both', async () => {
    const name = 'x-client-cert'
    const both = await createTestApp({
      mtls: { trustedProxies: ['127.0.0.1'], certificateHeader: { form: 'nginx', name } },
    })
    try {
      const { certificate } = await makeCertificate({ subject: 'CN=mine' })
      const shown = { [name]: encodeURIComponent(certificate) }
      const client = await both.registerClient({ tlsClientCertificateBoundAccessTokens: true })
      const rp = relyingParty(both, client)
      const form = { grant_type: 'authorization_code', code: await rp.code(), redirect_uri: REDIRECT_URI }
      const answer = await rp.post(
        '/oauth2/token',
        { ...form, code_verifier: rp.verifier, client_id: client.clientId },
        { ...shown, dpop: await dpopProof(both, key) },
      )
      const { access_token: token } = answer.json<Tokens>()
      expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': expect.any(String), jkt: key.thumbprint })
      const ask = async (headers: Record<string, string>) =>
        (await both.app.inject({ url: USERINFO, headers: { authorization: `DPoP ${token}`, ...headers } })).statusCode
      const make = () => dpopProof(both, key, { method: 'GET', path: USERINFO, token })
      expect(await ask({ dpop: await make() })).toBe(401)
      expect(await ask(shown)).toBe(401)
      expect(await ask({ ...shown, dpop: await make() })).toBe(200)
    } finally {
      await both.close()
    }
  })
})

describe('RFC 9449 §8, §9 nonces for clients whose profile requires them', () => {
  const strict = {
    profile: 'oauth2.1',
    accessTokenSigningAlg: 'ES256',
    idTokenSignedResponseAlg: 'ES256',
    accessTokenLifetime: 600,
  }

  it('are returned with an error at the token endpoint and at a resource, and expire after minutes', async () => {
    const rp = party(await test.registerClient(strict))
    const code = await rp.code()
    const refused = await rp.redeem(code, await proof())
    expect(error(refused)).toEqual([400, 'use_dpop_nonce'])
    const nonce = String(refused.headers['dpop-nonce'])
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{20,}$/)
    const { access_token: token } = (await rp.redeem(code, await proof({ nonce }))).json<Tokens>()

    const challenged = await resource(token, await forUserinfo(token))
    expect(error(challenged)).toEqual([401, 'use_dpop_nonce'])
    expect(challenged.headers['www-authenticate']).toMatch(/^DPoP .*error="use_dpop_nonce"/)
    expect(challenged.headers['dpop-nonce']).toBe(nonce)
    expect((await resource(token, await forUserinfo(token, { nonce }))).statusCode).toBe(200)
    test.clock.advance(120)
    expect((await resource(token, await forUserinfo(token, { nonce }))).statusCode).toBe(200)
    test.clock.advance(200)
    const late = await resource(token, await forUserinfo(token, { nonce }))
    expect(error(late)).toEqual([401, 'use_dpop_nonce'])
    expect(late.headers['dpop-nonce']).not.toBe(nonce)
  })

  it('are returned under /v1 as well', async () => {
    const rp = party(await test.registerClient(strict))
    const code = await rp.code(undefined, { scope: 'profile email' })
    const nonce = String((await rp.redeem(code, await proof())).headers['dpop-nonce'])
    const { access_token: token } = (await rp.redeem(code, await proof({ nonce }))).json<Tokens>()
    const path = '/v1/me/profile'
    const make = (more: ProofSettings) => proof({ method: 'GET', path, token, ...more })
    const refused = await resource(token, await make({}), 'DPoP', path)
    expect([refused.statusCode, refused.headers['dpop-nonce']]).toEqual([401, nonce])
    expect((await resource(token, await make({ nonce }), 'DPoP', path)).statusCode).toBe(200)
  })

  it('are the same in every process, and cannot be guessed', async () => {
    const database = test.connectionString
    const second = await createTestApp({ connectionString: database, clock: test.clock })
    try {
      const client = await test.registerClient({ ...strict, clientType: 'public' })
      const nonce = (await party(client).redeem('x', await proof())).headers['dpop-nonce']
      const there = relyingParty(second, client)
      const form = { grant_type: 'authorization_code', code: 'x', client_id: client.clientId }
      const dpop = await proof({ nonce: String(nonce) })
      expect(error(await there.post('/oauth2/token', form, { dpop }))).toEqual([400, 'invalid_grant'])
    } finally {
      await second.close()
    }
  })

  it('do not replace an allowed algorithm', async () => {
    const rp = party(await test.registerClient(strict))
    const rsa = await makeDpopKey('RS256')
    expect(error(await rp.redeem('x', await proof({}, rsa)))).toEqual(NO_PROOF)
  })
})

describe('RFC 9449 §10 a code that is bound to a key', () => {
  it('is exchanged only with a proof by that key, and otherwise stays valid', async () => {
    const rp = party(page)
    const code = await rp.code(undefined, { dpop_jkt: key.thumbprint })
    expect(error(await rp.redeem(code))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.redeem(code, await proof({}, other)))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.redeem(code, await proof()))).toEqual(GRANTED)
  })

  it('stays bound while its request is pending', async () => {
    const rp = party(await test.registerClient({ requireConsent: true }))
    const code = await rp.code(test.browser(), { dpop_jkt: key.thumbprint })
    expect(error(await rp.redeem(code, await proof({}, other)))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.redeem(code, await proof()))).toEqual(GRANTED)
  })

  it.each(['short', 'x'.repeat(44), `${'x'.repeat(42)}=`])('is rejected with dpop_jkt %j', async (thumbprint) => {
    const headers = { cookie: await test.signIn() }
    const url = relyingParty(test, page).authorizeUrl({ dpop_jkt: thumbprint })
    const answer = readRedirect(await test.app.inject({ url, headers }))
    expect(answer).toMatchObject({ error: 'invalid_request' })
  })

  it('is also bound by the proof of the pushed request (§10.1)', async () => {
    const rp = party(page)
    const pushed = async () => proof({ path: '/oauth2/par' })
    const answer = await rp.push({}, { dpop: await pushed() })
    expect(answer.statusCode).toBe(201)
    const { request_uri } = answer.json<{ request_uri: string }>()
    const browser = await test.signedInBrowser()
    await browser.get(`/oauth2/authorize?${new URLSearchParams({ client_id: page.clientId, request_uri })}`)
    const code = browser.answer().get('code') ?? ''
    expect(error(await rp.redeem(code, await proof({}, other)))).toEqual([400, 'invalid_grant'])
    expect(error(await rp.redeem(code, await proof()))).toEqual(GRANTED)

    const same = await rp.push({ dpop_jkt: key.thumbprint }, { dpop: await pushed() })
    expect(same.statusCode).toBe(201)
    const another = await rp.push({ dpop_jkt: other.thumbprint }, { dpop: await pushed() })
    expect(error(another)).toEqual(NO_PROOF)
    expect(error(await rp.push({}, { dpop: await proof() }))).toEqual(NO_PROOF)
  })
})
