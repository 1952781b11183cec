// Certificate-bound tokens.
import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificates } from '../../../../src/keys/certificates/certificate.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../../../support/certificates.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../../support/relying-party.ts'

const HEADER = 'x-client-cert'
const DNS = 'reports.example.com'

let test: TestApp
let authority: TestCertificate
let own: TestCertificate
let other: TestCertificate

beforeAll(async () => {
  authority = await makeAuthority()
  own = await makeCertificate({ subject: 'CN=own', names: [{ type: 'dns', value: DNS }], authority })
  // Another certificate of the same subject: only the certificate itself counts.
  other = await makeCertificate({ subject: 'CN=own', names: [{ type: 'dns', value: DNS }], authority })
  test = await createTestApp({
    clientAuthorities: readCertificates(authority.certificate),
    mtls: {
      trustedProxies: ['127.0.0.1'],
      certificateHeader: { form: 'nginx', name: HEADER },
      mtlsUrl: 'https://mtls.example.com',
    },
  })
})
afterAll(() => test.close())

const BOUND = { tlsClientCertificateBoundAccessTokens: true }
const BY_POST = { clientType: 'confidential', tokenEndpointAuthMethod: 'client_secret_post' }
const MACHINE = {
  ...BOUND,
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['api', 'clients:read'],
  tokenEndpointAuthMethod: 'tls_client_auth',
  tlsClientAuthSanDns: DNS,
}

const NONSENSE = 'nonsense'
type Shown = TestCertificate | typeof NONSENSE | undefined
const shown = (certificate: Shown): Record<string, string> => {
  if (certificate === undefined) return {}
  return { [HEADER]: certificate === NONSENSE ? NONSENSE : encodeURIComponent(certificate.certificate) }
}
/** RFC 8705 §3.1: the hash of the DER, not of the PEM. */
const thumbprint = ({ x5c }: TestCertificate) =>
  createHash('sha256').update(Buffer.from(x5c, 'base64')).digest('base64url')

function party(client: RegisteredTestClient) {
  const rp = relyingParty(test, client)
  const identity: Record<string, string> = { client_id: client.clientId }
  if (client.clientSecret !== null) identity['client_secret'] = client.clientSecret
  const ask = (form: Record<string, string>, certificate: Shown) =>
    rp.post('/oauth2/token', { ...identity, ...form }, shown(certificate))
  return {
    ...rp,
    ask,
    machine: (certificate: Shown) => ask({ grant_type: 'client_credentials' }, certificate),
    redeem: (code: string, certificate: Shown) =>
      ask(
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: rp.verifier },
        certificate,
      ),
    renew: (token: string, certificate: Shown) =>
      ask({ grant_type: 'refresh_token', refresh_token: token }, certificate),
    introspect: async (token: string) =>
      (await rp.post('/oauth2/introspect', { ...identity, token }, shown(own))).json<Record<string, unknown>>(),
  }
}
const userinfo = (token: string, certificate: Shown) =>
  test.app.inject({
    url: '/oauth2/userinfo',
    headers: { authorization: `Bearer ${token}`, ...shown(certificate) },
  })
const error = (answer: { statusCode: number; body: string }) => {
  const { error: code } = JSON.parse(answer.body) as { error?: string }
  return [answer.statusCode, code]
}

describe('RFC 8705 §3 certificate-bound access tokens', () => {
  it('contain the thumbprint of the certificate, as a JWT and at introspection', async () => {
    const rp = party(await test.registerClient(MACHINE))
    const { access_token: token, token_type: type } = (await rp.machine(own)).json<Tokens>()
    expect(type).toBe('Bearer')
    expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': thumbprint(own) })
    expect(await rp.introspect(token)).toMatchObject({ active: true, cnf: { 'x5t#S256': thumbprint(own) } })
    const { access_token: another } = (await rp.machine(other)).json<Tokens>()
    expect(decodeJwt(another)['cnf']).toEqual({ 'x5t#S256': thumbprint(other) })
  })

  it('contain it as opaque tokens, too', async () => {
    const rp = party(await test.registerClient({ ...MACHINE, accessTokenFormat: 'opaque' }))
    const { access_token: token } = (await rp.machine(own)).json<Tokens>()
    expect(token).toMatch(/^cat_/)
    expect(await rp.introspect(token)).toMatchObject({ active: true, cnf: { 'x5t#S256': thumbprint(own) } })
  })

  it('are issued only to clients that registered so', async () => {
    const rp = party(await test.registerClient({ ...MACHINE, tlsClientCertificateBoundAccessTokens: false }))
    const { access_token: token } = (await rp.machine(own)).json<Tokens>()
    expect(decodeJwt(token)).not.toHaveProperty('cnf')
    expect(await rp.introspect(token)).not.toHaveProperty('cnf')
  })

  it('are not issued without a certificate, and the code stays valid', async () => {
    const rp = party(await test.registerClient({ ...BOUND, ...BY_POST }))
    const code = await rp.code()
    expect(error(await rp.redeem(code, undefined))).toEqual([400, 'invalid_request'])
    expect(error(await rp.redeem(code, NONSENSE))).toEqual([400, 'invalid_request'])
    expect((await rp.redeem(code, own)).statusCode).toBe(200)
  })

  it('accept certificates of any issuer, because only authentication needs a trusted one', async () => {
    const rp = party(await test.registerClient({ ...BOUND, ...BY_POST }))
    const mine = await makeCertificate({ subject: 'CN=mine' })
    const tokens = (await rp.redeem(await rp.code(), mine)).json<Tokens>()
    expect((await userinfo(tokens.access_token, mine)).statusCode).toBe(200)
  })

  it('are accepted at userinfo only with the same certificate', async () => {
    const rp = party(await test.registerClient(BOUND))
    const { access_token: token } = (await rp.redeem(await rp.code(), own)).json<Tokens>()
    expect((await userinfo(token, own)).statusCode).toBe(200)
    for (const certificate of [other, NONSENSE, undefined] as const) {
      const answer = await userinfo(token, certificate)
      expect(error(answer)).toEqual([401, 'invalid_token'])
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="cerberus", error="invalid_token"/)
    }
    const posted = (certificate: TestCertificate) =>
      rp.post('/oauth2/userinfo', { access_token: token }, shown(certificate))
    expect((await posted(own)).statusCode).toBe(200)
    expect(error(await posted(other))).toEqual([401, 'invalid_token'])
  })

  it.each([
    ['the administration API', '/v1/admin/clients', (rp: ReturnType<typeof party>) => rp.machine(own)],
    [
      'the own account',
      '/v1/me/profile',
      async (rp: ReturnType<typeof party>) => rp.redeem(await rp.code(undefined, { scope: 'profile email' }), own),
    ],
  ])('are accepted at %s only with the same certificate', async (_what, url, get) => {
    const client = await test.registerClient(url === '/v1/me/profile' ? BOUND : MACHINE)
    const { access_token: token } = (await get(party(client))).json<Tokens>()
    const ask = (certificate: Shown) =>
      test.app.inject({ url, headers: { authorization: `Bearer ${token}`, ...shown(certificate) } })
    expect((await ask(own)).statusCode).toBe(200)
    for (const certificate of [other, NONSENSE, undefined] as const) {
      const answer = await ask(certificate)
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([
        401,
        expect.stringContaining('application/problem+json'),
      ])
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
    }
  })

  it('cannot be registered together with response types that return tokens', async () => {
    const front = { ...BOUND, grantTypes: ['authorization_code', 'implicit'], responseTypes: ['code', 'code token'] }
    await expect(test.registerClient(front)).rejects.toThrow('tlsClientCertificateBoundAccessTokens')
  })
})

describe('RFC 8705 §4 refresh tokens', () => {
  it('of a public client are bound to the certificate through all rotations', async () => {
    const rp = party(await test.registerClient(BOUND))
    const first = (await rp.redeem(await rp.code(), own)).json<Tokens>()
    expect(error(await rp.renew(first.refresh_token, other))).toEqual([400, 'invalid_grant'])
    const second = (await rp.renew(first.refresh_token, own)).json<Tokens>()
    expect(decodeJwt(second.access_token)['cnf']).toEqual({ 'x5t#S256': thumbprint(own) })
    expect(error(await rp.renew(second.refresh_token, other))).toEqual([400, 'invalid_grant'])
    expect((await rp.renew(second.refresh_token, own)).statusCode).toBe(200)
  })

  it('that another client presents revoke nothing', async () => {
    const rp = party(await test.registerClient(BOUND))
    const first = (await rp.redeem(await rp.code(), own)).json<Tokens>()
    const second = (await rp.renew(first.refresh_token, own)).json<Tokens>()
    const third = (await rp.renew(second.refresh_token, own)).json<Tokens>()
    test.clock.advance(60)
    expect(error(await rp.renew(first.refresh_token, other))).toEqual([400, 'invalid_grant'])
    expect((await rp.renew(third.refresh_token, own)).statusCode).toBe(200)
    expect(error(await rp.renew(first.refresh_token, own))).toEqual([400, 'invalid_grant'])
    // The holder of the certificate presented an old token, so the family is revoked.
    expect((await userinfo(third.access_token, own)).statusCode).toBe(401)
  })

  it('of a confidential client are not bound to the certificate', async () => {
    const rp = party(await test.registerClient({ ...BOUND, ...BY_POST }))
    const { refresh_token: token } = (await rp.redeem(await rp.code(), own)).json<Tokens>()
    const renewed = (await rp.renew(token, other)).json<Tokens>()
    expect(decodeJwt(renewed.access_token)['cnf']).toEqual({ 'x5t#S256': thumbprint(other) })
  })

  it('stay bound when the client no longer binds its access tokens', async () => {
    const client = await test.registerClient(BOUND)
    const rp = party(client)
    const { refresh_token: token } = (await rp.redeem(await rp.code(), own)).json<Tokens>()
    const bind = async (tlsClientCertificateBoundAccessTokens: boolean) => {
      const headers = { cookie: await test.signIn() }
      const url = `/v1/admin/clients/${client.id}`
      const payload = { tlsClientCertificateBoundAccessTokens }
      expect((await test.app.inject({ method: 'PATCH', url, headers, payload })).statusCode).toBe(200)
    }
    await bind(false)
    expect(error(await rp.renew(token, undefined))).toEqual([400, 'invalid_grant'])
    await bind(true)
    expect((await rp.renew(token, own)).statusCode).toBe(200)
  })
})

describe('RFC 8705 §3.3, §3.4 metadata', () => {
  it('announces bound tokens if certificates can be presented', async () => {
    const discover = async (app: TestApp) =>
      (await app.app.inject('/.well-known/openid-configuration')).json<Record<string, unknown>>()
    expect((await discover(test))['tls_client_certificate_bound_access_tokens']).toBe(true)
    const plain = await createTestApp()
    try {
      expect(await discover(plain)).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
    } finally {
      await plain.close()
    }
  })

  it('is accepted in a registration, and returned', async () => {
    const headers = { cookie: await test.signIn() }
    await test.app.inject({
      method: 'PUT',
      url: '/v1/admin/registration-policy',
      headers,
      payload: { policy: 'open' },
    })
    const payload = {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      tls_client_certificate_bound_access_tokens: true,
    }
    const answer = await test.app.inject({ method: 'POST', url: '/oauth2/register', payload })
    expect(answer.json()).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    const { client_id: clientId } = answer.json<{ client_id: string }>()
    const code = party({ id: '', clientId, clientSecret: null })
    expect(error(await code.redeem('x', undefined))).toEqual([400, 'invalid_request'])
  })
})
