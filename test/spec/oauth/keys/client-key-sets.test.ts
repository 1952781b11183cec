import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { CompactSign, compactDecrypt, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { startDocumentServer } from '../../../support/document-server.ts'
import { readErrorPage, readOAuthError } from '../../../support/read-response.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../../support/relying-party.ts'

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as JWK

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const good: JWK = { ...jwkOf(signing.publicKey), kid: 'good', alg: 'ES256', use: 'sig' }
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsa: JWK = { ...jwkOf(rsaPair.publicKey), kid: 'rsa', use: 'enc' }
const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ec: JWK = { ...jwkOf(ecPair.publicKey), kid: 'ec', use: 'enc' }
/** An odd number of this size is a modulus as far as it can be judged without factoring it. */
const rsaOf = (bits: number) => ({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(bits / 8, 0xff).toString('base64url') })

let api: Api
let web: Awaited<ReturnType<typeof startDocumentServer>>
let signedIn: Browser
let published = 0

beforeAll(async () => {
  api = await createApi({ allow: ['localhost'] })
  web = await startDocumentServer()
  signedIn = await api.signedInBrowser()
  await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
})
afterAll(async () => {
  await web.close()
  await api.close()
})

/** Publishes a document and returns its URL. */
function publishText(body: string): string {
  published += 1
  web.documents.set(`/keys/${published}`, { body })
  return `${web.base}/keys/${published}`
}
const publish = (keys: unknown) => publishText(JSON.stringify({ keys }))

const machine = (jwksUri: string) =>
  api.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['api'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwksUri,
  })

async function authenticate(client: RegisteredTestClient, kid: string | undefined) {
  const exp = Math.floor(api.clock.now().getTime() / 1000) + 60
  const claims = { iss: client.clientId, sub: client.clientId, aud: ISSUER, exp, jti: crypto.randomUUID() }
  const assertion = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', ...(kid !== undefined && { kid }) })
    .sign(signing.privateKey)
  const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION, client_assertion: assertion }
  return (await relyingParty(api, client).post('/oauth2/token', form)).statusCode
}

/** Keys that this server cannot use, by what is wrong with them. */
const unusable: [string, unknown][] = [
  ['of an unknown type', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA', kid: 'pq' }],
  ['on an unknown curve, with the same kid', { ...good, crv: 'P-999' }],
  ['of another type, with the same kid', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), kid: 'good' }],
  ['for encryption, with the same kid', { ...good, use: 'enc', alg: 'ECDH-ES' }],
]
const malformed: [string, unknown][] = [
  ['that is null', null],
  ['that is a text', 'key'],
  ['without kty', { kid: 'x' }],
  ['that is symmetric', { kty: 'oct', k: 'AAAA', kid: 'hmac' }],
  ['that is private', { ...good, d: jwkOf(signing.privateKey).d }],
  ['of RSA with 1024 bits', rsaOf(1024)],
  ['of RSA with 4104 bits', rsaOf(4104)],
  ['of RSA without e', { kty: 'RSA', n: rsa.n }],
  ['of RSA with e = 1', { ...rsa, e: 'AQ' }],
  ['of RSA with an even e', { ...rsa, e: 'Ag' }],
  ['of RSA with a long e', { ...rsa, e: 'AQAAAAE' }],
  ['of RSA with n = 0', { ...rsa, n: 'A'.repeat(342) }],
  ['of RSA whose n is not base64url', { ...rsa, n: '!'.repeat(400) }],
  ['off its curve, with the same kid', { ...good, y: good.x }],
  ['without y, with the same kid', { ...good, y: undefined }],
  ['with a short x', { ...good, x: 'AAAA' }],
  ['with a number as x', { ...good, x: 5 }],
  ['without crv', { ...good, crv: undefined }],
  ['whose key_ops is a text', { ...good, key_ops: 'verify' }],
  ['whose key_ops is a number', { ...good, key_ops: 5 }],
  ['whose kid is a number', { ...good, kid: 5 }],
  ['whose use is a list', { ...good, use: ['sig'] }],
  ['whose x5c is a text', { ...good, x5c: 'x' }],
  ['of X25519 with a short x', { kty: 'OKP', crv: 'X25519', x: 'AA', use: 'enc' }],
]

describe('RFC 7517 §5 the keys of a set are judged one by one', () => {
  it.each([...unusable, ...malformed])('a published key %s does not affect the others', async (_, key) => {
    const client = await machine(publish([key, good]))
    expect([await authenticate(client, 'good'), await authenticate(client, undefined)]).toEqual([200, 200])
  })

  it.each(unusable)('a registered key %s is ignored', async (_, key) => {
    const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', {
      body: { name: 'Keys', clientType: 'public', redirectUris: [REDIRECT_URI], jwks: { keys: [key, good] } },
    })
    expect(answer.statusCode).toBe(201)
  })

  it.each([...malformed, ['whose x5c is not a certificate', { ...good, x5c: ['AAAA'] }] as [string, unknown]])(
    'a registered key %s is refused with its position',
    async (_, key) => {
      const body = { name: 'Keys', clientType: 'public', redirectUris: [REDIRECT_URI], jwks: { keys: [good, key] } }
      const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', { body })
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        expect.objectContaining({ errors: [expect.objectContaining({ path: ['jwks'] })] }),
      ])
      expect(answer.json<{ detail: string }>().detail).toContain('position 1')
      const metadata = { redirect_uris: [REDIRECT_URI], jwks: { keys: [good, key] } }
      const registered = await api.send(undefined, 'POST', '/oauth2/register', { body: metadata })
      expect(readOAuthError(registered)).toMatchObject({ status: 400, error: 'invalid_client_metadata' })
    },
  )

  it.each([
    ['half a surrogate pair', '"x":"\\ud800"'],
    ['a member twice', '"x":1,"x":2'],
    ['21 levels', `"x":${'['.repeat(20)}${']'.repeat(20)}`],
  ])('a published set is not read if its JSON has %s', async (_, member) => {
    const withMember = (text: string) => publishText(`{${text},${JSON.stringify({ keys: [good] }).slice(1)}`)
    expect(await authenticate(await machine(withMember('"x":1')), 'good')).toBe(200)
    expect(await authenticate(await machine(withMember(member)), 'good')).toBe(401)
  })

  it('a published set may have more than fifty keys, and the last one is found by its kid', async () => {
    const others = Array.from({ length: 59 }, (_, index) => ({ ...ec, use: 'sig', kid: `k${index}` }))
    const client = await machine(publish([...others, good]))
    expect(await authenticate(client, 'good')).toBe(200)
  })

  it('without a kid only the first ten keys of the type are tried', async () => {
    const others = Array.from({ length: 10 }, (_, index) => ({ ...ec, use: 'sig', kid: `k${index}` }))
    expect(await authenticate(await machine(publish([...others.slice(1), good])), undefined)).toBe(200)
    expect(await authenticate(await machine(publish([...others, good])), undefined)).toBe(401)
  })

  it.each([
    ['no keys', {}],
    ['keys that are no list', { keys: {} }],
    ['a list', []],
    ['null', null],
  ])('a document with %s is no key set', async (_, document) => {
    const uri = publish([])
    web.documents.set(new URL(uri).pathname, { body: JSON.stringify(document) })
    expect(await authenticate(await machine(uri), undefined)).toBe(401)
  })
})

/** Keys that look as if they could be encrypted to, with the algorithm. */
const undecryptable: [string, string, unknown][] = [
  ['RSA without e', 'RSA-OAEP-256', { kty: 'RSA', n: rsa.n, use: 'enc' }],
  ['RSA with e = 1', 'RSA-OAEP-256', { ...rsa, e: 'AQ' }],
  ['RSA with n = 0', 'RSA-OAEP-256', { ...rsa, n: 'A'.repeat(342) }],
  ['RSA with key_ops that is a text', 'RSA-OAEP-256', { ...rsa, key_ops: 'encrypt' }],
  ['RSA with key_ops of which one is unknown', 'RSA-OAEP-256', { ...rsa, key_ops: ['encrypt', 'unknown'] }],
  ['a curve without y', 'ECDH-ES', { ...ec, y: undefined }],
  ['a point off its curve', 'ECDH-ES', { ...ec, y: ec.x }],
  ['a short X25519', 'ECDH-ES', { kty: 'OKP', crv: 'X25519', x: 'AA', use: 'enc' }],
  ['an X25519 of order one', 'ECDH-ES', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43), use: 'enc' }],
]

describe.each(undecryptable)('OpenID Connect Core §10.2 a key that cannot be encrypted to: %s', (_, alg, key) => {
  const privateKey = alg === 'ECDH-ES' ? ecPair.privateKey : rsaPair.privateKey
  const usable = alg === 'ECDH-ES' ? ec : rsa
  const register = (jwksUri: string, more: object = {}) =>
    api.registerClient({ clientType: 'confidential', jwksUri, ...more })

  it('is passed over for the next', async () => {
    const client = await register(publish([key, usable]), { idTokenEncryptedResponseAlg: alg })
    const { id_token: idToken } = await relyingParty(api, client).tokens(signedIn)
    expect((await compactDecrypt(idToken, await importJWK(jwkOf(privateKey), alg))).plaintext.length).toBeGreaterThan(0)
  })

  it('is found before the code is used, at the token endpoint', async () => {
    const uri = publish([key])
    const client = await register(uri, { idTokenEncryptedResponseAlg: alg, authorizationCodeLifetime: 600 })
    const rp = relyingParty(api, client)
    const code = await rp.code(signedIn, { scope: 'openid offline_access' })
    expect(readOAuthError(await rp.exchange(code))).toMatchObject({ status: 400, error: 'invalid_request' })
    // The client mends its keys, and the same code works.
    web.documents.set(new URL(uri).pathname, { body: JSON.stringify({ keys: [usable] }) })
    api.clock.advance(301)
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it('is found before the refresh token is used', async () => {
    const uri = publish([usable])
    const client = await register(uri, { idTokenEncryptedResponseAlg: alg })
    const rp = relyingParty(api, client)
    const { refresh_token: token } = await rp.tokens(signedIn, { scope: 'openid offline_access' })
    web.documents.set(new URL(uri).pathname, { body: JSON.stringify({ keys: [key] }) })
    api.clock.advance(301)
    expect(readOAuthError(await rp.refresh(token))).toMatchObject({ status: 400, error: 'invalid_request' })
    web.documents.set(new URL(uri).pathname, { body: JSON.stringify({ keys: [usable] }) })
    api.clock.advance(301)
    const answer = await rp.refresh(token)
    expect([answer.statusCode, typeof answer.json<Tokens>().refresh_token]).toEqual([200, 'string'])
  })

  it('is an error of userinfo and of introspection', async () => {
    const client = await register(publish([key]), {
      userinfoEncryptedResponseAlg: alg,
      introspectionEncryptedResponseAlg: alg,
    })
    const rp = relyingParty(api, client)
    const { access_token: token } = await rp.tokens(signedIn)
    expect(readOAuthError(await rp.userinfo(token))).toMatchObject({ status: 400, error: 'invalid_request' })
    const credentials = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
    const introspected = await rp.post(
      '/oauth2/introspect',
      { token },
      { accept: 'application/token-introspection+jwt', authorization: `Basic ${credentials}` },
    )
    expect(readOAuthError(introspected)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('is found before an authorization response is issued', async () => {
    const client = await register(publish([key]), { authorizationEncryptedResponseAlg: alg })
    const before = await api.prisma.grant.count()
    const url = await relyingParty(api, client).pushedUrl({ response_mode: 'jwt' })
    await signedIn.get(url)
    expect(readErrorPage(signedIn.page)).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(await api.prisma.grant.count()).toBe(before)
    // The pushed request is not used up.
    await signedIn.get(url)
    expect(signedIn.page.body).toContain('cannot be encrypted')
  })
})
