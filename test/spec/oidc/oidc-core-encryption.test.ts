import {
  compactDecrypt,
  CompactEncrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JSONWebKeySet,
  type JWK,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL_KEYS } from '../../../src/keys/key-set.ts'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { startDocumentServer } from '../../support/document-server.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'

const ALGS = ['RSA-OAEP-256', 'ECDH-ES'] as const
const ENCS = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const
const pairs = ALGS.flatMap((alg) => ENCS.map((enc) => [alg, enc] as const))

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let signedIn: Browser
const keys = new Map<string, { privateKey: CryptoKey; publicKey: CryptoKey }>()
let jwks: JSONWebKeySet

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  web = await startDocumentServer()
  signedIn = await test.signedInBrowser()
  for (const alg of [...ALGS, 'ES256']) keys.set(alg, await generateKeyPair(alg, { extractable: true }))
  const publicKeys = [...keys].map(async ([alg, { publicKey }]): Promise<JWK> => ({
    ...(await exportJWK(publicKey)),
    kid: `kid-${alg}`,
    use: alg === 'ES256' ? 'sig' : 'enc',
  }))
  jwks = { keys: await Promise.all(publicKeys) }
})
afterAll(async () => {
  await web.close()
  await test.close()
})

const privateKey = (alg: string) => keys.get(alg)?.privateKey as CryptoKey
const open = async (message: string, alg: string) => {
  const { plaintext, protectedHeader } = await compactDecrypt(message, privateKey(alg))
  return { text: Buffer.from(plaintext).toString(), header: protectedHeader }
}
const verify = async (jwt: string, audience: string) => {
  const published = (await test.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()
  const options = { issuer: ISSUER, audience, currentDate: test.clock.now() }
  return (await jwtVerify(jwt, createLocalJWKSet(published), options)).payload
}

describe('OpenID Connect Core §10.2 encrypted ID tokens', () => {
  it.each(pairs)('by %s and %s, around the signature', async (alg, enc) => {
    const client = await test.registerClient({
      jwks,
      idTokenEncryptedResponseAlg: alg,
      idTokenEncryptedResponseEnc: enc,
    })
    const { id_token: idToken } = await relyingParty(test, client).tokens(signedIn, { nonce: 'n' })
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg, enc, cty: 'JWT', kid: `kid-${alg}` })
    const { text } = await open(idToken, alg)
    expect(await verify(text, client.clientId)).toMatchObject({ aud: client.clientId, nonce: 'n' })
  })

  it('by A128CBC-HS256, if only the key algorithm is registered', async () => {
    const client = await test.registerClient({ jwks, idTokenEncryptedResponseAlg: 'ECDH-ES' })
    expect(client['idTokenEncryptedResponseEnc']).toBe('A128CBC-HS256')
    const { id_token: idToken } = await relyingParty(test, client).tokens(signedIn)
    expect(decodeProtectedHeader(idToken).enc).toBe('A128CBC-HS256')
  })

  it('from the authorization endpoint too', async () => {
    const client = await test.registerClient({
      jwks,
      idTokenEncryptedResponseAlg: 'RSA-OAEP-256',
      grantTypes: ['implicit'],
      responseTypes: ['id_token'],
      scopes: ['openid'],
    })
    const more = { response_type: 'id_token', nonce: 'n', code_challenge: undefined, code_challenge_method: undefined }
    await signedIn.get(relyingParty(test, client).authorizeUrl({ ...more, scope: 'openid' }))
    const answer = new URLSearchParams(new URL(signedIn.url).hash.slice(1))
    const { text } = await open(answer.get('id_token') ?? '', 'RSA-OAEP-256')
    expect(await verify(text, client.clientId)).toMatchObject({ nonce: 'n' })
  })

  it('to a key that the client publishes, fetched when it is needed', async () => {
    web.documents.set('/jwks', { body: JSON.stringify(jwks) })
    const client = await test.registerClient({ jwksUri: `${web.base}/jwks`, idTokenEncryptedResponseAlg: 'ECDH-ES' })
    const { id_token: idToken } = await relyingParty(test, client).tokens(signedIn)
    expect((await open(idToken, 'ECDH-ES')).header.alg).toBe('ECDH-ES')
  })

  it('are rejected with a description if the client has no suitable key', async () => {
    const signing = { keys: jwks.keys.filter(({ use }) => use === 'sig') }
    const client = await test.registerClient({ jwks: signing, idTokenEncryptedResponseAlg: 'ECDH-ES' })
    const rp = relyingParty(test, client)
    const answer = await rp.exchange(await rp.code(signedIn))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining('ECDH-ES'),
    })
  })

  it.each([
    [{ idTokenEncryptedResponseAlg: 'ECDH-ES' }],
    [{ idTokenEncryptedResponseAlg: 'RSA1_5', jwksUri: 'https://app.example.com/jwks' }],
    [{ idTokenEncryptedResponseEnc: 'A128GCM', jwksUri: 'https://app.example.com/jwks' }],
    [{ userinfoEncryptedResponseAlg: 'dir', jwksUri: 'https://app.example.com/jwks' }],
  ])('are not registered as %j', async (settings) => {
    await expect(test.registerClient(settings)).rejects.toThrow('EncryptedResponse')
  })
})

describe('OpenID Connect Core §5.3.2 encrypted userinfo', () => {
  it('around the signature', async () => {
    const client = await test.registerClient({
      jwks,
      userinfoSignedResponseAlg: 'ES256',
      userinfoEncryptedResponseAlg: 'RSA-OAEP-256',
      userinfoEncryptedResponseEnc: 'A256GCM',
    })
    const rp = relyingParty(test, client)
    const answer = await rp.userinfo((await rp.tokens(signedIn)).access_token)
    expect(answer.headers['content-type']).toBe('application/jwt')
    const { text, header } = await open(answer.body, 'RSA-OAEP-256')
    expect(header).toMatchObject({ enc: 'A256GCM', cty: 'JWT' })
    expect(await verify(text, client.clientId)).toHaveProperty('email')
  })

  it('and without one', async () => {
    const client = await test.registerClient({ jwks, userinfoEncryptedResponseAlg: 'ECDH-ES' })
    const rp = relyingParty(test, client)
    const answer = await rp.userinfo((await rp.tokens(signedIn)).access_token)
    expect(answer.headers['content-type']).toBe('application/jwt')
    const { text } = await open(answer.body, 'ECDH-ES')
    expect(JSON.parse(text)).toMatchObject({ iss: ISSUER, aud: client.clientId, email: expect.any(String) })
  })
})

describe('OpenID Connect Core §6.1 encrypted request objects', () => {
  const claims = { state: 'inside', redirect_uri: REDIRECT_URI }
  const ourKey = async (alg: string) => {
    const { keys: published } = (await test.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()
    const found = published.find((key) => key.use === 'enc' && key.alg === alg)
    if (!found) throw new Error(`No key for ${alg}.`)
    return found
  }
  async function encrypted(text: string, alg: string, enc: string, header: object = {}) {
    const key = await ourKey(alg)
    return new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg, enc, kid: key.kid ?? '', ...header })
      .encrypt(await importJWK(key, alg))
  }
  async function ask(request: string, settings: object = {}) {
    const client = await test.registerClient({ jwks, ...settings })
    await signedIn.get(relyingParty(test, client).authorizeUrl({ request, state: 'outside' }))
    const answer = signedIn.answer()
    return [answer.get('error') ?? (answer.get('code') ? 'code' : undefined), answer.get('state')]
  }
  const signed = () => new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey('ES256'))

  it.each(pairs)('by %s and %s', async (alg, enc) => {
    expect(await ask(await encrypted(await signed(), alg, enc))).toEqual(['code', 'inside'])
    expect(await ask(await encrypted(new UnsecuredJWT(claims).encode(), alg, enc))).toEqual(['code', 'inside'])
  })

  it('are decrypted by the key from before a rotation', async () => {
    const object = await encrypted(await signed(), 'ECDH-ES', 'A128GCM')
    const before = await ourKey('ECDH-ES')
    test.clock.advance(301)
    await test.signer.rotate(ALL_KEYS)
    const { keys: published } = (await test.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()
    expect(published.filter(({ alg, use }) => alg === 'ECDH-ES' && use === 'enc')).toHaveLength(2)
    expect(published.some(({ kid }) => kid === before.kid)).toBe(true)
    signedIn = await test.signedInBrowser()
    expect(await ask(object)).toEqual(['code', 'inside'])
  })

  it.each([
    [
      'to another key',
      async () => {
        const { publicKey } = await generateKeyPair('ECDH-ES')
        return new CompactEncrypt(Buffer.from(await signed()))
          .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
          .encrypt(publicKey)
      },
    ],
    [
      'by an algorithm that is not offered',
      async () => {
        const key = (await importJWK(await ourKey('RSA-OAEP-256'), 'RSA-OAEP')) as CryptoKey
        return new CompactEncrypt(Buffer.from(await signed()))
          .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM' })
          .encrypt(key)
      },
    ],
    ['and changed', async () => (await encrypted(await signed(), 'ECDH-ES', 'A128GCM')).replace(/.{4}$/, 'AAAA')],
    ['around invalid content', () => encrypted('nonsense', 'ECDH-ES', 'A128GCM')],
    [
      'around the signature of a stranger',
      async () => {
        const stranger = await generateKeyPair('ES256')
        return encrypted(
          await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(stranger.privateKey),
          'ECDH-ES',
          'A128GCM',
        )
      },
    ],
  ])('are rejected when encrypted %s', async (_what, make) => {
    expect(await ask(await make())).toEqual(['invalid_request_object', 'outside'])
  })

  it('are rejected with another algorithm than the registered one', async () => {
    const settings = { requestObjectEncryptionAlg: 'RSA-OAEP-256', requestObjectEncryptionEnc: 'A256GCM' }
    expect(await ask(await encrypted(await signed(), 'RSA-OAEP-256', 'A256GCM'), settings)).toEqual(['code', 'inside'])
    const refused = ['invalid_request_object', 'outside']
    expect(await ask(await encrypted(await signed(), 'RSA-OAEP-256', 'A128GCM'), settings)).toEqual(refused)
    expect(await ask(await encrypted(await signed(), 'ECDH-ES', 'A256GCM'), settings)).toEqual(refused)
  })
})
