import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificates } from '../../../../src/keys/certificates/certificate.ts'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../../../support/certificates.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const HEADER = 'x-client-cert'
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }
const own = 'tokenEndpointAuthMethod'
const additional = 'additionalTokenEndpointAuthMethods'

let api: Api
let key: CryptoKey
let jwks: { keys: object[] }
let issued: TestCertificate
let selfSigned: TestCertificate
let counted = 0

beforeAll(async () => {
  const authority = await makeAuthority()
  issued = await makeCertificate({
    subject: 'CN=Reports',
    names: [{ type: 'dns', value: 'reports.example.com' }],
    authority,
  })
  selfSigned = await makeCertificate({ subject: 'CN=Reports' })
  api = await createApi({
    clientAuthorities: readCertificates(authority.certificate),
    mtls: { trustedProxies: ['127.0.0.1'], certificateHeader: { form: 'nginx', name: HEADER } },
  })
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  jwks = { keys: [await exportJWK(pair.publicKey), { ...selfSigned.jwk, use: 'sig', x5c: [selfSigned.x5c] }] }
})
afterAll(() => api.close())

const assertion = ({ clientId }: RegisteredTestClient, alg: string, by: CryptoKey | Uint8Array) => {
  const seconds = Math.floor(api.clock.now().getTime() / 1000)
  counted += 1
  return new SignJWT({ iss: clientId, sub: clientId, aud: ISSUER, exp: seconds + 60, jti: `j-${counted}` })
    .setProtectedHeader({ alg })
    .sign(by)
}
type Proof = { form?: Record<string, string>; headers?: Record<string, string> }
const asserted = (client_assertion: string): Proof => ({ form: { client_assertion_type: TYPE, client_assertion } })
const shown = ({ certificate }: TestCertificate, { clientId }: RegisteredTestClient): Proof => ({
  form: { client_id: clientId },
  headers: { [HEADER]: encodeURIComponent(certificate) },
})

/** What a client offers by each method, with `secret` where it takes one. */
const proofs = (client: RegisteredTestClient, secret = client.clientSecret ?? '') => ({
  client_secret_basic: (): Proof => ({
    headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}` },
  }),
  client_secret_post: (): Proof => ({ form: { client_id: client.clientId, client_secret: secret } }),
  client_secret_jwt: async () => asserted(await assertion(client, 'HS256', Buffer.from(secret || 'no secret'))),
  private_key_jwt: async () => asserted(await assertion(client, 'ES256', key)),
  tls_client_auth: () => shown(issued, client),
  self_signed_tls_client_auth: () => shown(selfSigned, client),
})
type Method = keyof ReturnType<typeof proofs>

const ask = async (client: RegisteredTestClient, ...offered: Proof[]) => {
  const form = Object.assign({ grant_type: 'client_credentials' }, ...offered.map((proof) => proof.form ?? {}))
  const headers = Object.assign({}, ...offered.map((proof) => proof.headers ?? {}))
  const answer = await relyingParty(api, client).post('/oauth2/token', form, headers)
  return { status: answer.statusCode, ...answer.json<{ error?: string; error_description?: string }>() }
}
const tried = async (client: RegisteredTestClient, method: Method, secret?: string) =>
  (await ask(client, await proofs(client, secret)[method]())).status
const change = (id: string, body: object) => api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body })
const changed = async (client: RegisteredTestClient, body: object) => {
  const answer = await change(client.id, body)
  expect([answer.statusCode, answer.json()]).toMatchObject([200, body])
}

describe('a client with several ways to prove itself (RFC 6749 §2.3)', () => {
  it('goes from a secret to a key while both are good, and then by the key alone', async () => {
    const client = await api.registerClient(machine)
    expect([await tried(client, 'client_secret_basic'), await tried(client, 'private_key_jwt')]).toEqual([200, 401])
    await changed(client, { jwks, [additional]: ['private_key_jwt'] })
    expect([await tried(client, 'client_secret_basic'), await tried(client, 'private_key_jwt')]).toEqual([200, 200])
    await changed(client, { [own]: 'private_key_jwt', [additional]: ['client_secret_basic'] })
    expect([await tried(client, 'client_secret_basic'), await tried(client, 'private_key_jwt')]).toEqual([200, 200])
    await changed(client, { [additional]: [] })
    expect([await tried(client, 'client_secret_basic'), await tried(client, 'private_key_jwt')]).toEqual([401, 200])
  })

  it('is proven by each of them as by its own, and by no other', async () => {
    const all: Method[] = [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
    ]
    const needs = (methods: Method[]) => ({
      jwks,
      ...(methods.includes('tls_client_auth') && { tlsClientAuthSanDns: 'reports.example.com' }),
    })
    for (const [index, method] of all.entries()) {
      const methods = [method, ...all.slice(index + 1), ...all.slice(0, index)].slice(0, 3)
      const [first, ...others] = methods
      const client = await api.registerClient({ ...machine, ...needs(methods), [own]: first, [additional]: others })
      const good: Method[] = []
      for (const each of all) if ((await tried(client, each)) === 200) good.push(each)
      expect(good.toSorted()).toEqual(methods.toSorted())
    }
  })

  it('is proven by either certificate, where it registered both kinds', async () => {
    const [first, second] = ['tls_client_auth', 'self_signed_tls_client_auth'] as const
    const client = await api.registerClient({
      ...machine,
      jwks,
      tlsClientAuthSanDns: 'reports.example.com',
      [own]: second,
      [additional]: [first],
    })
    expect([await tried(client, first), await tried(client, second)]).toEqual([200, 200])
    const stranger = await makeCertificate({ subject: 'CN=Reports' })
    expect(await ask(client, shown(stranger, client))).toMatchObject({ status: 401, error: 'invalid_client' })
  })

  it('uses one of them per request; the error for another one names the allowed ones', async () => {
    const client = await api.registerClient({ ...machine, jwks, [additional]: ['private_key_jwt'] })
    const { client_secret_basic: basic, client_secret_post: post, private_key_jwt: byKey } = proofs(client)
    const twice = await ask(client, basic(), await byKey())
    expect(twice).toMatchObject({ status: 401, error: 'invalid_client' })
    expect(twice.error_description).toContain('twice, by client_secret_basic and private_key_jwt')
    expect((await ask(client, post())).error_description).toBe(
      'This client is registered for client_secret_basic and private_key_jwt, not for client_secret_post.',
    )
    expect((await ask(client, { form: { client_id: client.clientId } })).error_description).toContain('not for none')
  })

  it.each([
    ['none', ['none'], {}, [`${additional}.0`]],
    ['an unknown one', ['mtls'], {}, [`${additional}.0`]],
    ['its own', ['client_secret_post', 'client_secret_basic'], {}, [`${additional}.1`]],
    ['one twice', ['client_secret_post', 'client_secret_post'], {}, [`${additional}.1`]],
    ['a key without keys', ['client_secret_post', 'private_key_jwt'], {}, [`${additional}.1`]],
    ['a self-signed certificate without one', ['self_signed_tls_client_auth'], {}, [`${additional}.0`]],
    ['a certificate without a subject', ['tls_client_auth'], {}, [`${additional}.0`]],
    ['a subject without a certificate', [], { tlsClientAuthSanDns: 'a.example' }, ['tlsClientAuthSanDns']],
    [
      'two subjects',
      ['tls_client_auth'],
      { tlsClientAuthSanDns: 'a.example', tlsClientAuthSanIp: '192.0.2.7' },
      ['tlsClientAuthSanIp'],
    ],
    [
      'one algorithm for two kinds of signature',
      ['private_key_jwt', 'client_secret_jwt'],
      { jwksUri: 'https://a.example/jwks', tokenEndpointAuthSigningAlg: 'ES256' },
      ['tokenEndpointAuthSigningAlg'],
    ],
    [
      'a secret under oauth2.1',
      ['client_secret_post'],
      { profile: 'oauth2.1', jwksUri: 'https://a.example/jwks' },
      [`${additional}.0`],
    ],
    ['anything, being public', ['client_secret_post'], { clientType: 'public', scopes: ['openid'] }, [additional]],
    ['no list', 'private_key_jwt', {}, [additional]],
  ])('is not registered with %s', async (_, methods, more, paths) => {
    const body = { ...machine, name: 'Test', [additional]: methods, ...more }
    const grants = 'clientType' in more ? { grantTypes: ['authorization_code'], redirectUris: [REDIRECT_URI] } : {}
    const answer = await api.send(api.owner, 'POST', PATH, { body: { ...body, ...grants } })
    const { errors } = answer.json<{ errors: { path: string[] }[] }>()
    expect([answer.statusCode, errors.map(({ path }) => path.join('.'))]).toEqual([400, paths])
  })

  it('is not moved to a method that it has beside, unless that one is left out there', async () => {
    const client = await api.registerClient({ ...machine, [additional]: ['client_secret_post'] })
    const refused = await change(client.id, { [own]: 'client_secret_post' })
    expect([refused.statusCode, refused.json()]).toMatchObject([400, { errors: [{ path: [additional, 0] }] }])
    await changed(client, { [own]: 'client_secret_post', [additional]: [] })
  })

  it('is warned of a weaker one beside a stronger', async () => {
    const codes = async (settings: object) => {
      const { warnings } = (await api.registerClient({ ...machine, ...settings })) as unknown as {
        warnings: { code: string; member: string }[]
      }
      return warnings.filter(({ member }) => member === additional).map(({ code }) => code)
    }
    expect(await codes({ jwks, [own]: 'private_key_jwt', [additional]: ['client_secret_jwt'] })).toEqual([
      'weaker-method',
    ])
    expect(await codes({ jwks, [additional]: ['private_key_jwt', 'client_secret_post'] })).toEqual([
      'secret-in-body',
      'weaker-method',
    ])
    expect(await codes({ jwks, [own]: 'private_key_jwt', [additional]: ['self_signed_tls_client_auth'] })).toEqual([])
  })

  it('is found by each of them', async () => {
    const name = 'Findable by its methods'
    const { id } = await api.registerClient({ ...machine, name, jwks, [additional]: ['private_key_jwt'] })
    const found = async (method: string) => {
      const answer = await api.send(api.owner, 'GET', `${PATH}?search=Findable&tokenEndpointAuthMethod=${method}`)
      return answer.json<{ data: { id: string }[] }>().data.map((client) => client.id)
    }
    expect([await found('client_secret_basic'), await found('private_key_jwt')]).toEqual([[id], [id]])
    expect(await found('client_secret_post')).toEqual([])
  })
})

describe('the secret of such a client', () => {
  const sealed = (id: string) => api.prisma.clientSecret.count({ where: { clientId: id, sealedSecret: { not: null } } })
  const addSecret = async (id: string, body: object) => {
    const answer = await api.send(api.owner, 'POST', `${PATH}/${id}/secrets`, { body })
    return { status: answer.statusCode, ...answer.json<{ clientSecret: string }>() }
  }

  it('is there where any of its methods takes one', async () => {
    const keyed = { ...machine, jwks, [own]: 'private_key_jwt' }
    expect((await api.registerClient(keyed)).clientSecret).toBeNull()
    const client = await api.registerClient({ ...keyed, [additional]: ['client_secret_basic'] })
    expect(await tried(client, 'client_secret_basic')).toBe(200)
    const rotated = await api.send(api.owner, 'POST', `${PATH}/${client.id}/rotate-secret`)
    expect(rotated.statusCode).toBe(200)
    const test = await api.send(api.owner, 'POST', `${PATH}/${client.id}/test`, { body: {} })
    const { checks } = test.json<{ checks: { name: string; expected: string; seen: string }[] }>()
    expect(checks.find(({ name }) => name === 'authentication')).toMatchObject({
      expected: 'what private_key_jwt or client_secret_basic needs',
      seen: '1 valid secrets',
    })
  })

  it('can be signed with before a method that signs with it is added, and is sealed as long as one does', async () => {
    const client = await api.registerClient(machine)
    const refused = await change(client.id, { [additional]: ['client_secret_post', 'client_secret_jwt'] })
    expect([refused.statusCode, refused.json()]).toMatchObject([400, { errors: [{ path: [additional, 1] }] }])
    const { clientSecret } = await addSecret(client.id, { forSigning: true })
    await changed(client, { [additional]: ['client_secret_jwt'] })
    expect(await tried(client, 'client_secret_jwt', clientSecret)).toBe(200)
    expect(await tried(client, 'client_secret_basic')).toBe(200)
    // What is made from now on can be signed with, whether it says so or not.
    const later = await addSecret(client.id, {})
    expect(await tried(client, 'client_secret_jwt', later.clientSecret)).toBe(200)
    await changed(client, { [own]: 'client_secret_jwt', [additional]: ['client_secret_basic'] })
    expect(await sealed(client.id)).toBe(2)
    await changed(client, { [own]: 'client_secret_basic', [additional]: ['client_secret_post'] })
    expect(await sealed(client.id)).toBe(0)
    expect(await tried(client, 'client_secret_post', later.clientSecret)).toBe(200)
    expect(await tried(client, 'client_secret_jwt', later.clientSecret)).toBe(401)
  })
})

describe('a client that registered itself (RFC 7591, RFC 7592)', () => {
  const register = async (more: object) => {
    await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    const body = { redirect_uris: [REDIRECT_URI], ...more }
    return (await api.send(undefined, 'POST', '/oauth2/register', { body })).json<Record<string, string>>()
  }
  const replace = async (client: Record<string, string>, more: object) => {
    const answer = await api.send(undefined, 'PUT', `/oauth2/register/${client['client_id']}`, {
      body: { client_id: client['client_id'], redirect_uris: [REDIRECT_URI], ...more },
      headers: { authorization: `Bearer ${client['registration_access_token']}` },
    })
    return { status: answer.statusCode, body: answer.json<Record<string, string>>() }
  }
  const read = async (client: Record<string, string>) =>
    (await api.send(api.owner, 'GET', `${PATH}/${client['client_id']}`)).json<Record<string, unknown>>()

  it('does not show additional methods, keeps those of administrators, and cannot contradict them', async () => {
    const client = await register({
      [additional]: ['client_secret_post'],
      additional_token_endpoint_auth_methods: ['client_secret_post'],
    })
    expect(await read(client)).toMatchObject({ [own]: 'client_secret_basic', [additional]: [] })
    expect((await change(client['client_id'] ?? '', { jwks, [additional]: ['private_key_jwt'] })).statusCode).toBe(200)
    const kept = await replace(client, { jwks, client_name: 'Renamed' })
    expect([kept.status, kept.body['client_name']]).toEqual([200, 'Renamed'])
    expect(kept.body).not.toHaveProperty('additional_token_endpoint_auth_methods')
    expect(await read(client)).toMatchObject({ [own]: 'client_secret_basic', [additional]: ['private_key_jwt'] })
    const broken = await replace(kept.body, {})
    expect([broken.status, broken.body['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(broken.body['error_description']).toContain('needs the public keys')
  })

  it('may choose one of these as its own, which is then beside it no more', async () => {
    const client = await register({})
    await change(client['client_id'] ?? '', { [additional]: ['client_secret_post'] })
    expect((await replace(client, { token_endpoint_auth_method: 'client_secret_post' })).status).toBe(200)
    expect(await read(client)).toMatchObject({ [own]: 'client_secret_post', [additional]: [] })
  })
})
