// Every client authentication method in the metadata, at every endpoint that requires one.
import { SignJWT } from 'jose'
import { createPrivateKey, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificates } from '../../../../src/keys/certificates/certificate.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../../../support/certificates.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const HEADER = 'x-client-cert'
const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const
type Method = (typeof METHODS)[number]

/** The form for each endpoint, without client authentication. */
const ENDPOINTS = {
  token_endpoint: { grant_type: 'refresh_token', refresh_token: 'nothing' },
  revocation_endpoint: { token: 'nothing' },
  introspection_endpoint: { token: 'nothing' },
  device_authorization_endpoint: { scope: 'openid' },
  pushed_authorization_request_endpoint: { response_type: 'nothing' },
} as const
type Endpoint = keyof typeof ENDPOINTS
/** Endpoints without client authentication. */
const OTHERS = ['authorization_endpoint', 'userinfo_endpoint', 'registration_endpoint', 'end_session_endpoint']

let test: TestApp
let discovery: Record<string, unknown>
/** One key and one certificate, shared by all clients that use them. */
let certificate: TestCertificate
const clients = new Map<Method, RegisteredTestClient>()

beforeAll(async () => {
  const authority = await makeAuthority()
  certificate = await makeCertificate({ subject: 'CN=Everybody', authority })
  test = await createTestApp({
    clientAuthorities: readCertificates(authority.certificate),
    mtls: {
      trustedProxies: ['127.0.0.1'],
      certificateHeader: { form: 'nginx', name: HEADER },
      mtlsUrl: 'https://mtls.example.com',
    },
  })
  discovery = (await test.app.inject('/.well-known/openid-configuration')).json()
  for (const method of METHODS) {
    const client = await test.registerClient({
      clientType: method === 'none' ? 'public' : 'confidential',
      tokenEndpointAuthMethod: method,
      grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      ...(method !== 'none' && { jwks: { keys: [{ ...certificate.jwk, x5c: [certificate.x5c] }] } }),
      ...(method === 'tls_client_auth' && { tlsClientAuthSubjectDn: 'CN=Everybody' }),
    })
    clients.set(method, client)
  }
})
afterAll(() => test.close())

const clientOf = (method: Method) => clients.get(method) as RegisteredTestClient

async function assertion({ clientId }: RegisteredTestClient, alg: string, key: Parameters<SignJWT['sign']>[0]) {
  const now = Math.floor(test.clock.now().getTime() / 1000)
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(ISSUER)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(key),
  }
}

/** Authenticates a client by this method, as far as its settings allow. */
async function proof(client: RegisteredTestClient, method: Method): Promise<[Record<string, string>, object]> {
  const { clientId: id } = client
  const secret = client.clientSecret ?? 'of which it has none, so it says something else'
  const shown = { [HEADER]: encodeURIComponent(certificate.certificate) }
  switch (method) {
    case 'client_secret_basic':
      return [{}, { authorization: `Basic ${btoa(`${id}:${encodeURIComponent(secret)}`)}` }]
    case 'client_secret_post':
      return [{ client_id: id, client_secret: secret }, {}]
    case 'client_secret_jwt':
      return [await assertion(client, 'HS256', Buffer.from(secret)), {}]
    case 'private_key_jwt':
      return [await assertion(client, 'ES256', createPrivateKey(certificate.key)), {}]
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return [{ client_id: id }, shown]
    case 'none':
      return [{ client_id: id }, {}]
  }
}

/** Both certificate methods use the same handshake. A client that needs no certificate may present one. */
const isTheSame = (presented: Method, registered: Method) =>
  presented.includes('tls') && (registered.includes('tls') || registered === 'none')

async function isKnown(client: RegisteredTestClient, presented: Method, endpoint: Endpoint): Promise<boolean> {
  const [form, headers] = await proof(client, presented)
  const { pathname } = new URL(String(discovery[endpoint]))
  const answer = await relyingParty(test, client).post(pathname, { ...ENDPOINTS[endpoint], ...form }, { ...headers })
  const { error } = answer.json<{ error?: string }>()
  expect([200, 400, 401]).toContain(answer.statusCode)
  expect(error === 'invalid_client').toBe(answer.statusCode === 401)
  return answer.statusCode !== 401
}

describe('Client authentication: every method at every endpoint', () => {
  it('covers all methods in the metadata', () => {
    expect([...METHODS].sort()).toEqual([...(discovery['token_endpoint_auth_methods_supported'] as string[])].sort())
    const endpoints = Object.keys(discovery).filter((member) => member.endsWith('_endpoint'))
    expect(endpoints.sort()).toEqual([...Object.keys(ENDPOINTS), ...OTHERS].sort())
  })

  describe.each(Object.keys(ENDPOINTS) as Endpoint[])('at the %s', (endpoint) => {
    it.each(METHODS)('a client of %s can authenticate by that method only', async (registered) => {
      const known = []
      for (const presented of METHODS) {
        if (presented !== registered && isTheSame(presented, registered)) continue
        if (await isKnown(clientOf(registered), presented, endpoint)) known.push(presented)
      }
      const rejectsPublicClient = endpoint === 'introspection_endpoint' && registered === 'none'
      expect(known).toEqual(rejectsPublicClient ? [] : [registered])
    })
  })
})
