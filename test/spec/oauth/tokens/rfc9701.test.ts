import {
  compactDecrypt,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type CryptoKey,
  type JSONWebKeySet,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const JWT = 'application/token-introspection+jwt'
const RESOURCE = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }

let test: TestApp
let resource: RegisteredTestClient
let token: string
beforeAll(async () => {
  test = await createTestApp()
  resource = await test.registerClient(RESOURCE)
  token = await machineToken(resource)
})
afterAll(() => test.close())

const machineToken = async (of: RegisteredTestClient) =>
  (await relyingParty(test, of).exchange('', { grant_type: 'client_credentials' })).json<{ access_token: string }>()
    .access_token
const introspect = (accept: string | undefined, of = resource, asked = token) =>
  relyingParty(test, of).post(
    '/oauth2/introspect',
    { token: asked },
    {
      authorization: `Basic ${btoa(`${of.clientId}:${of.clientSecret}`)}`,
      ...(accept !== undefined && { accept }),
    },
  )
async function verified(jwt: string) {
  const keys = (await test.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()
  return jwtVerify(jwt, createLocalJWKSet(keys), { typ: 'token-introspection+jwt', currentDate: test.clock.now() })
}

describe('RFC 9701 §4, §5 introspection as a JWT', () => {
  it('is for the caller, with the same content as the JSON', async () => {
    const answer = await introspect(JWT)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, JWT])
    const { payload, protectedHeader } = await verified(answer.body)
    expect(protectedHeader.alg).toBe('RS256')
    expect(payload).toEqual({
      iss: ISSUER,
      aud: resource.clientId,
      iat: Math.floor(test.clock.now().getTime() / 1000),
      token_introspection: (await introspect(undefined)).json(),
    })
    expect(payload['token_introspection']).toMatchObject({ active: true, scope: 'api' })
  })

  it('contains only inactive for an inactive token', async () => {
    const { payload } = await verified((await introspect(JWT, resource, 'nothing')).body)
    expect(payload['token_introspection']).toEqual({ active: false })
  })

  it.each([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    [`application/json, ${JWT};q=0.5`, false],
    [`${JWT};q=0`, false],
    [`${JWT};q=2`, false],
    [`application/json;q=0.5, ${JWT}`, true],
    [`application/json, ${JWT}`, true],
    [JWT.toUpperCase(), true],
    [`text/html,${JWT} ; q=0.9, */*`, true],
  ])('Accept: %s', async (accept, signed) => {
    const answer = await introspect(accept)
    expect([answer.statusCode, answer.headers['content-type'] === JWT]).toEqual([200, signed])
  })

  it('returns errors as JSON', async () => {
    const answer = await introspect(JWT, { ...resource, clientSecret: 'wrong' })
    expect([answer.statusCode, answer.json()]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })])
  })

  it('is not accepted as an access token (§8.1)', async () => {
    const { body } = await introspect(JWT)
    expect((await relyingParty(test, resource).userinfo(body)).statusCode).toBe(401)
    expect((await introspect(undefined, resource, body)).json()).toEqual({ active: false })
  })
})

describe('RFC 9701 §6 the algorithms that the caller registered', () => {
  it('is signed as registered', async () => {
    const signed = await test.registerClient({ ...RESOURCE, introspectionSignedResponseAlg: 'EdDSA' })
    expect((await verified((await introspect(JWT, signed)).body)).protectedHeader.alg).toBe('EdDSA')
  })

  it('and encrypted as registered, around the signature', async () => {
    const pair: { publicKey: CryptoKey; privateKey: CryptoKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256' })
    const encrypted = await test.registerClient({
      ...RESOURCE,
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), use: 'enc', alg: 'ECDH-ES' }] },
      introspectionEncryptedResponseAlg: 'ECDH-ES',
      introspectionEncryptedResponseEnc: 'A256GCM',
    })
    const answer = await introspect(JWT, encrypted)
    const { plaintext, protectedHeader } = await compactDecrypt(answer.body, pair.privateKey)
    expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM' })
    const { payload } = await verified(new TextDecoder().decode(plaintext))
    expect(payload).toMatchObject({ aud: encrypted.clientId, token_introspection: { active: true } })
  })

  it('and never with an algorithm that its profile does not allow', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [await exportJWK(pair.publicKey)] }
    const strict = { ...RESOURCE, profile: 'oauth2.1', jwks, introspectionSignedResponseAlg: 'RS256' }
    await expect(test.registerClient(strict)).rejects.toThrow('under the profile oauth2.1')
  })

  it('as published in the metadata', async () => {
    const answer = await test.app.inject('/.well-known/oauth-authorization-server')
    expect(answer.json()).toMatchObject({
      introspection_signing_alg_values_supported: expect.arrayContaining(['RS256', 'ES256']),
      introspection_encryption_alg_values_supported: expect.arrayContaining(['ECDH-ES']),
      introspection_encryption_enc_values_supported: expect.arrayContaining(['A256GCM']),
    })
  })
})
