import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { startDocumentServer } from '../../../support/document-server.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const TOKEN = '/oauth2/token'

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey }
let client: RegisteredTestClient
let counted = 0

const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['api'],
  tokenEndpointAuthMethod: 'private_key_jwt',
}

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  web = await startDocumentServer()
  pair = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('ES256', { extractable: true })
  client = await test.registerClient({ ...MACHINE, jwks: { keys: [await exportJWK(pair.publicKey)] } })
})
afterAll(async () => {
  await web.close()
  await test.close()
})

const seconds = () => Math.floor(test.clock.now().getTime() / 1000)
const claimsFor = (of: RegisteredTestClient, more: object = {}): JWTPayload => {
  counted += 1
  return {
    iss: of.clientId,
    sub: of.clientId,
    aud: ISSUER,
    exp: seconds() + 60,
    iat: seconds(),
    jti: `jti-${counted}`,
    ...more,
  }
}
const sign = (claims: JWTPayload, key = pair.privateKey, header: Record<string, unknown> = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(key)
const send = (
  assertion: string | undefined,
  more: Record<string, string | undefined> = {},
  headers = {},
  of = client,
) =>
  relyingParty(test, of).post(
    TOKEN,
    { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion: assertion, ...more },
    headers,
  )
const result = async (assertion: string | undefined, more: Record<string, string | undefined> = {}, headers = {}) => {
  const answer = await send(assertion, more, headers)
  return [answer.statusCode, answer.json<{ error?: string }>().error]
}

describe('RFC 7523 §2.2, §3; OpenID Connect Core §9 private_key_jwt', () => {
  it('authenticates the client, which has no secret', async () => {
    expect(client.clientSecret).toBeNull()
    expect(await result(await sign(claimsFor(client)))).toEqual([200, undefined])
    expect(await result(await sign(claimsFor(client)), { client_id: client.clientId })).toEqual([200, undefined])
  })

  it.each(['/oauth2/introspect', '/oauth2/revoke'])('at %s too', async (url) => {
    const form = { token: 'x', client_assertion_type: TYPE, client_assertion: await sign(claimsFor(client)) }
    expect((await relyingParty(test, client).post(url, form)).statusCode).toBe(200)
  })

  it.each([
    ['the token endpoint', { aud: `${ISSUER}/oauth2/token` }],
    ['a list with the issuer in it', { aud: ['https://other.example.com', ISSUER] }],
    ['a clock that is a little ahead', () => ({ iat: seconds() + 10, nbf: seconds() + 10 })],
    ['no iat', { iat: undefined }],
  ])('is accepted with %s', async (_, more) => {
    const claims = claimsFor(client, typeof more === 'function' ? more() : more)
    expect(await result(await sign(claims))).toEqual([200, undefined])
  })

  it.each([
    ['another issuer', { iss: 'client_other' }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['the address of another endpoint', { aud: `${ISSUER}/oauth2/authorize` }],
    ['no audience', { aud: undefined }],
    ['no end', { exp: undefined }],
    ['an end that has come', { exp: 1_000 }],
    ['an end too far away', { exp: 99_999_999_999 }],
    ['a beginning to come', () => ({ nbf: seconds() + 61 })],
    ['a birth to come', () => ({ iat: seconds() + 120 })],
    ['no name of its own', { jti: undefined }],
    ['a name without end', { jti: 'x'.repeat(600) }],
    ['a name that is no text', { jti: 'a\0b' }],
    ['a number as its name', { jti: 7 }],
    ['a beginning that is no number', { nbf: '1' }],
    ['a birth that is no number', { iat: '1' }],
    ['an end that is no number', () => ({ exp: String(seconds() + 60) })],
    ['an audience of which one is no text', { aud: [ISSUER, 7] }],
    ['half a character in an unknown claim', { color: '\ud800' }],
    ['no subject', { sub: undefined }],
    ['a subject that does not exist', { sub: 'client_unknown', iss: 'client_unknown' }],
  ])('is rejected with %s', async (_, more) => {
    const claims = claimsFor(client, typeof more === 'function' ? more() : more)
    expect(await result(await sign(claims))).toEqual([401, 'invalid_client'])
  })

  it.each([
    ['by another key', async (claims: JWTPayload) => sign(claims, stranger.privateKey)],
    ['by no key', async (claims: JWTPayload) => new UnsecuredJWT(claims).encode()],
    [
      'by the public key as a secret',
      async (claims: JWTPayload) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(JSON.stringify(await exportJWK(pair.publicKey)))),
    ],
    [
      'with a critical header',
      async (claims: JWTPayload) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', crit: ['x'], x: 1 })
          .sign(pair.privateKey, { crit: { x: true } }),
    ],
    ['and cut off', async (claims: JWTPayload) => (await sign(claims)).slice(0, -6)],
    ['in another spelling', async (claims: JWTPayload) => `${await sign(claims)}=`],
  ])('is rejected when signed %s', async (_, make) => {
    expect(await result(await make(claimsFor(client)))).toEqual([401, 'invalid_client'])
  })

  it.each([
    ['client-authentication+jwt', 200],
    ['JWT', 200],
    ['oauth-authz-req+jwt', 401],
    ['application/OAuth-Authz-Req+JWT', 401],
    ['dpop+jwt', 401],
    ['application/jwt', 200],
    ['application/client-authentication+jwt', 200],
    ['JOSE', 401],
    ['', 401],
  ])('RFC 8725 §3.11, RFC 9101 §10.8 as a token of the kind %s: %i', async (typ, status) => {
    const answer = await send(await sign(claimsFor(client), pair.privateKey, { typ }))
    expect(answer.statusCode).toBe(status)
  })

  it('is rejected with a kid that is no text', async () => {
    expect(await result(await sign(claimsFor(client), pair.privateKey, { kid: 7 }))).toEqual([401, 'invalid_client'])
  })

  it('is accepted once, even in concurrent requests', async () => {
    const assertion = await sign(claimsFor(client))
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(assertion)))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(7)
    test.clock.advance(130)
    await test.repositories.sweep(test.clock.now())
    expect(await test.database.prisma.replayCacheEntry.count({ where: { expiresAt: { lt: test.clock.now() } } })).toBe(
      0,
    )
  })

  it('a jti is used up per client', async () => {
    const other = await test.registerClient({ ...MACHINE, jwks: { keys: [await exportJWK(pair.publicKey)] } })
    expect((await send(await sign(claimsFor(client, { jti: 'shared' })))).statusCode).toBe(200)
    expect((await send(await sign(claimsFor(other, { jti: 'shared' })), {}, {}, other)).statusCode).toBe(200)
  })

  it.each([
    ['without its type', { client_assertion_type: undefined }],
    ['of another type', { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }],
    ['for another client_id', { client_id: 'client_other' }],
    ['beside a secret', { client_id: 'x', client_secret: 'y' }],
  ])('is rejected %s', async (_, more) => {
    expect(await result(await sign(claimsFor(client)), more)).toEqual([401, 'invalid_client'])
  })

  it('is rejected beside HTTP Basic, if missing, and for a client of another method', async () => {
    const basic = { authorization: `Basic ${btoa(`${client.clientId}:x`)}` }
    expect(await result(await sign(claimsFor(client)), {}, basic)).toEqual([401, 'invalid_client'])
    expect(await result(undefined)).toEqual([401, 'invalid_client'])
    const secretive = await test.registerClient({
      ...MACHINE,
      tokenEndpointAuthMethod: 'client_secret_basic',
      jwks: { keys: [await exportJWK(pair.publicKey)] },
    })
    expect((await send(await sign(claimsFor(secretive)), {}, {}, secretive)).statusCode).toBe(401)
    expect(
      (await send(undefined, { client_id: client.clientId, client_secret: 'x', client_assertion_type: undefined }))
        .statusCode,
    ).toBe(401)
  })

  it('is accepted only with the registered algorithm, if there is one', async () => {
    const rsa = await generateKeyPair('RS256', { extractable: true })
    const keys = [await exportJWK(pair.publicKey), await exportJWK(rsa.publicKey)]
    const strict = await test.registerClient({ ...MACHINE, jwks: { keys }, tokenEndpointAuthSigningAlg: 'RS256' })
    const by = async (key: CryptoKey, alg: string) =>
      (await send(await sign(claimsFor(strict), key, { alg }), {}, {}, strict)).statusCode
    expect([await by(rsa.privateKey, 'RS256'), await by(pair.privateKey, 'ES256')]).toEqual([200, 401])
  })

  it('OpenID Connect Core §10.1.1: is verified by changed keys of the client', async () => {
    const publish = async (key: CryptoKey, kid: string) =>
      web.documents.set('/jwks', { body: JSON.stringify({ keys: [{ ...(await exportJWK(key)), kid }] }) })
    const remote = await test.registerClient({ ...MACHINE, jwksUri: `${web.base}/jwks` })
    const by = async (key: CryptoKey, kid: string) =>
      (await send(await sign(claimsFor(remote), key, { kid }), {}, {}, remote)).statusCode
    await publish(pair.publicKey, 'one')
    expect(await by(pair.privateKey, 'one')).toBe(200)
    await publish(stranger.publicKey, 'two')
    test.clock.advance(6)
    expect(await by(stranger.privateKey, 'two')).toBe(200)
    expect(await by(pair.privateKey, 'one')).toBe(401)
  })

  it('a key set that is unavailable, invalid or symmetric authenticates no client', async () => {
    const remote = await test.registerClient({ ...MACHINE, jwksUri: `${web.base}/bad` })
    for (const body of ['', 'nonsense', '{"keys":7}', '{"keys":[{"kty":"oct","k":"AA"}]}']) {
      web.documents.set('/bad', { body })
      expect((await send(await sign(claimsFor(remote)), {}, {}, remote)).statusCode).toBe(401)
    }
  })
})
