// Every algorithm in the metadata works for its purpose, and no other can be registered.
import {
  compactDecrypt,
  CompactEncrypt,
  createLocalJWKSet,
  decodeJwt,
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
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { dpopProof, makeDpopKey } from '../../../support/dpop.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../../support/relying-party.ts'

// The algorithms that IANA registers for signatures, key management and content encryption (RFC 7518, RFC 8037, RFC
// 8812).
const SIGNATURES =
  'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448 none'.split(' ')
const KEY_MANAGEMENT = `RSA1_5 RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 dir A128KW A192KW A256KW
  ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW A128GCMKW A192GCMKW A256GCMKW
  PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW`.split(/\s+/)
const CONTENTS = 'A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM'.split(' ')

let test: TestApp
let signedIn: Browser
let discovery: Record<string, string[]>
let jwks: JSONWebKeySet
const keys = new Map<string, { privateKey: CryptoKey; publicKey: CryptoKey }>()

beforeAll(async () => {
  test = await createTestApp()
  signedIn = await test.signedInBrowser()
  const headers = { cookie: await test.signIn() }
  const payload = { policy: 'open' }
  await test.app.inject({ method: 'PUT', url: '/v1/admin/registration-policy', headers, payload })
  discovery = (await test.app.inject('/.well-known/openid-configuration')).json()
  const ofKeys = offered('request_object_signing_alg_values_supported').filter((alg) => alg !== 'none')
  for (const alg of [...ofKeys, 'RSA-OAEP-256', 'ECDH-ES']) {
    keys.set(alg, await generateKeyPair(alg, { extractable: true }))
  }
  const publicKeys = [...keys].map(async ([alg, { publicKey }]): Promise<JWK> => ({
    ...(await exportJWK(publicKey)),
    kid: alg,
    alg,
    use: ofKeys.includes(alg) ? 'sig' : 'enc',
  }))
  jwks = { keys: await Promise.all(publicKeys) }
})
afterAll(() => test.close())

/** Read each time: some keys are created when they are first used. */
const readPublishedKeys = async () => (await test.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()
const keyOf = (alg: string) => {
  const pair = keys.get(alg)
  if (!pair) throw new Error(`The tests have no key for ${alg}.`)
  return pair.privateKey
}
const offered = (member: string) => discovery[member] ?? []
const seconds = () => Math.floor(test.clock.now().getTime() / 1000)

/** Registers a client dynamically, and expects the requested settings in the response (RFC 7591 §3.2.1). */
async function register(metadata: Record<string, string>): Promise<RegisteredTestClient> {
  const answer = await test.app.inject({
    method: 'POST',
    url: '/oauth2/register',
    payload: { redirect_uris: [REDIRECT_URI], jwks, scope: 'openid profile email', ...metadata },
  })
  expect([metadata, answer.statusCode]).toEqual([metadata, 201])
  const registered = answer.json<{ client_id: string; client_secret?: string }>()
  expect(registered).toMatchObject(metadata)
  return { id: '', clientId: registered.client_id, clientSecret: registered.client_secret ?? null }
}

async function refusal(metadata: Record<string, string>): Promise<unknown> {
  const payload = { redirect_uris: [REDIRECT_URI], jwks, ...metadata }
  const answer = await test.app.inject({ method: 'POST', url: '/oauth2/register', payload })
  return answer.json<{ error?: string }>().error
}

/** Reads a response like a client: decrypts it if necessary, and verifies it by a published key. */
async function read(message: string, alg: string, encryption?: [alg: string, enc: string], aud?: string) {
  let jwt = message
  if (encryption) {
    const { plaintext, protectedHeader } = await compactDecrypt(message, keyOf(encryption[0]))
    expect([protectedHeader.alg, protectedHeader.enc]).toEqual(encryption)
    jwt = Buffer.from(plaintext).toString()
  }
  expect(decodeProtectedHeader(jwt).alg).toBe(alg)
  if (alg === 'none') {
    expect(jwt.endsWith('.')).toBe(true)
    return decodeJwt(jwt)
  }
  const options = { issuer: ISSUER, currentDate: test.clock.now(), ...(aud !== undefined && { audience: aud }) }
  return (await jwtVerify(jwt, createLocalJWKSet(await readPublishedKeys()), options)).payload
}

type Use = (client: RegisteredTestClient, alg: string, encryption?: [string, string]) => Promise<void>
type RelyingParty = ReturnType<typeof relyingParty>

/** The signed-in user consents. */
async function codeOf(rp: RelyingParty, more: Record<string, string> = {}): Promise<string> {
  await signedIn.get(rp.authorizeUrl(more))
  await signedIn.submit({}, 'allow')
  return signedIn.answer().get('code') ?? ''
}

async function tokensOf(client: RegisteredTestClient): Promise<Tokens> {
  const rp = relyingParty(test, client)
  const answer = await rp.exchange(await codeOf(rp))
  expect(answer.statusCode).toBe(200)
  return answer.json<Tokens>()
}

async function proveIdToken(client: RegisteredTestClient, alg: string, encryption?: [string, string]) {
  const { id_token: idToken } = await tokensOf(client)
  expect(await read(idToken, alg, encryption, client.clientId)).toMatchObject({ aud: client.clientId })
}

async function proveUserinfo(client: RegisteredTestClient, alg: string, encryption?: [string, string]) {
  const answer = await relyingParty(test, client).userinfo((await tokensOf(client)).access_token)
  expect(answer.headers['content-type']).toContain('application/jwt')
  expect(await read(answer.body, alg, encryption, client.clientId)).toMatchObject({ email: expect.any(String) })
}

async function proveIntrospection(client: RegisteredTestClient, alg: string, encryption?: [string, string]) {
  const rp = relyingParty(test, client)
  const { access_token: token } = await tokensOf(client)
  const authorization = `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`
  const accept = 'application/token-introspection+jwt'
  const answer = await rp.post('/oauth2/introspect', { token }, { authorization, accept })
  expect(await read(answer.body, alg, encryption)).toMatchObject({ token_introspection: { active: true } })
}

async function proveAuthorization(client: RegisteredTestClient, alg: string, encryption?: [string, string]) {
  await signedIn.get(relyingParty(test, client).authorizeUrl({ response_mode: 'jwt' }))
  await signedIn.submit({}, 'allow')
  const response = signedIn.answer().get('response') ?? ''
  expect(await read(response, alg, encryption, client.clientId)).toMatchObject({ code: expect.any(String) })
}

async function proveRequestObject(client: RegisteredTestClient, alg: string, encryption?: [string, string]) {
  const claims = { state: 'inside', redirect_uri: REDIRECT_URI }
  let request =
    alg === 'none'
      ? new UnsecuredJWT(claims).encode()
      : await new SignJWT(claims).setProtectedHeader({ alg, kid: alg }).sign(keyOf(alg))
  if (encryption) {
    const key = (await readPublishedKeys()).keys.find((one) => one.use === 'enc' && one.alg === encryption[0]) as JWK
    request = await new CompactEncrypt(Buffer.from(request))
      .setProtectedHeader({ alg: encryption[0], enc: encryption[1], kid: key.kid ?? '' })
      .encrypt(await importJWK(key, encryption[0]))
  }
  const rp = relyingParty(test, client)
  await codeOf(rp, { request, state: 'outside' })
  expect(signedIn.answer().get('state')).toBe('inside')
}

async function proveAssertion(client: RegisteredTestClient, alg: string) {
  const { clientId, clientSecret } = client
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(ISSUER)
    .setExpirationTime(seconds() + 60)
    .sign(alg === 'HS256' ? Buffer.from(clientSecret ?? '') : keyOf(alg))
  const rp = relyingParty(test, { ...client, clientSecret: null })
  const answer = await rp.exchange(await codeOf(rp), {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  expect(answer.statusCode).toBe(200)
}

const methodFor = (alg: string) => (alg.startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt')

/** Signed objects: the metadata member, the client setting, further settings, and the test of the signature. */
const signed: [string, string, (alg: string) => Record<string, string>, Use][] = [
  ['id_token_signing_alg_values_supported', 'id_token_signed_response_alg', () => ({}), proveIdToken],
  ['userinfo_signing_alg_values_supported', 'userinfo_signed_response_alg', () => ({}), proveUserinfo],
  ['introspection_signing_alg_values_supported', 'introspection_signed_response_alg', () => ({}), proveIntrospection],
  ['authorization_signing_alg_values_supported', 'authorization_signed_response_alg', () => ({}), proveAuthorization],
  ['request_object_signing_alg_values_supported', 'request_object_signing_alg', () => ({}), proveRequestObject],
  [
    'token_endpoint_auth_signing_alg_values_supported',
    'token_endpoint_auth_signing_alg',
    (alg) => ({ token_endpoint_auth_method: methodFor(alg) }),
    proveAssertion,
  ],
]
/** Encrypted objects: the prefixes of their metadata members and client settings, and the signature inside. */
const encrypted: [string, string, Record<string, string>, Use][] = [
  ['id_token_encryption', 'id_token_encrypted_response', {}, proveIdToken],
  ['userinfo_encryption', 'userinfo_encrypted_response', { userinfo_signed_response_alg: 'RS256' }, proveUserinfo],
  ['introspection_encryption', 'introspection_encrypted_response', {}, proveIntrospection],
  ['authorization_encryption', 'authorization_encrypted_response', {}, proveAuthorization],
  ['request_object_encryption', 'request_object_encryption', {}, proveRequestObject],
]
/** The same algorithms for the same method at other endpoints. */
const repeated = [
  'revocation_endpoint_auth_signing_alg_values_supported',
  'introspection_endpoint_auth_signing_alg_values_supported',
]

/** Proofs need no client setting, because they contain their key. */
const PROOFS = 'dpop_signing_alg_values_supported'

async function askByProof(client: RegisteredTestClient, dpop: string): Promise<unknown> {
  const form = { grant_type: 'authorization_code', code: 'x', client_id: client.clientId }
  const answer = await relyingParty(test, client).post('/oauth2/token', form, { dpop })
  return answer.json<{ error?: string }>().error
}

describe('Algorithms in the metadata', () => {
  it('is covered by these tests', () => {
    const members = Object.keys(discovery).filter((member) => /_(alg|enc)_values_supported$/.test(member))
    const tested = encrypted.flatMap(([kind]) => [`${kind}_alg_values_supported`, `${kind}_enc_values_supported`])
    const all = [...signed.map(([member]) => member), ...tested, ...repeated, PROOFS]
    expect(members.sort()).toEqual(all.sort())
    for (const member of repeated) {
      expect(offered(member)).toEqual(offered('token_endpoint_auth_signing_alg_values_supported'))
    }
  })

  it.each(['request_object_signing_alg_values_supported', 'token_endpoint_auth_signing_alg_values_supported', PROOFS])(
    '%s: has the names of RFC 9864 and the longer digests',
    (member) => {
      const longer = ['Ed25519', 'ES384', 'ES512', 'PS384', 'PS512', 'RS384', 'RS512']
      expect(offered(member)).toEqual(expect.arrayContaining(longer))
    },
  )

  it.each(signed)('%s: signs and verifies', async (member, name, more, prove) => {
    expect(offered(member).length).toBeGreaterThan(3)
    for (const alg of offered(member)) await prove(await register({ [name]: alg, ...more(alg) }), alg)
  })

  it(`${PROOFS}: is accepted`, async () => {
    expect(offered(PROOFS).length).toBeGreaterThan(3)
    for (const alg of offered(PROOFS)) {
      const client = await register({ token_endpoint_auth_method: 'none' })
      const key = await makeDpopKey(alg)
      const rp = relyingParty(test, client)
      const form = { grant_type: 'authorization_code', code: await codeOf(rp), redirect_uri: REDIRECT_URI }
      const answer = await rp.post(
        '/oauth2/token',
        { ...form, code_verifier: rp.verifier, client_id: client.clientId },
        { dpop: await dpopProof(test, key) },
      )
      expect([alg, answer.json()]).toMatchObject([alg, { token_type: 'DPoP' }])
      const { access_token: token } = answer.json<Tokens>()
      expect(decodeJwt(token)['cnf']).toEqual({ jkt: key.thumbprint })
    }
  })

  it.each(encrypted)('%s: encrypts with each combination of algorithms', async (kind, name, more, prove) => {
    const [algs, encs] = [offered(`${kind}_alg_values_supported`), offered(`${kind}_enc_values_supported`)]
    expect(Math.min(algs.length, encs.length)).toBeGreaterThan(1)
    for (const alg of algs) {
      for (const enc of encs) {
        const client = await register({ [`${name}_alg`]: alg, [`${name}_enc`]: enc, ...more })
        await prove(client, 'RS256', [alg, enc])
      }
    }
  })
})

describe('Algorithms not in the metadata', () => {
  it.each(signed)('%s: is not registered', async (member, name, more) => {
    const others = SIGNATURES.filter((alg) => !offered(member).includes(alg))
    expect(others.length).toBeGreaterThan(3)
    for (const alg of others) {
      expect([alg, await refusal({ [name]: alg, ...more(alg) })]).toEqual([alg, 'invalid_client_metadata'])
    }
  })

  it(`${PROOFS}: is rejected`, async () => {
    const client = await register({ token_endpoint_auth_method: 'none' })
    const key = await makeDpopKey()
    expect(await askByProof(client, await dpopProof(test, key))).toBe('invalid_grant')
    for (const alg of SIGNATURES.filter((one) => !offered(PROOFS).includes(one))) {
      const [, ...rest] = (await dpopProof(test, key)).split('.')
      const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: key.jwk })).toString('base64url')
      expect([alg, await askByProof(client, [header, ...rest].join('.'))]).toEqual([alg, 'invalid_dpop_proof'])
    }
  })

  it.each(encrypted)('%s: is not registered', async (kind, name, more) => {
    for (const alg of KEY_MANAGEMENT.filter((one) => !offered(`${kind}_alg_values_supported`).includes(one))) {
      expect([alg, await refusal({ [`${name}_alg`]: alg, ...more })]).toEqual([alg, 'invalid_client_metadata'])
    }
    for (const enc of CONTENTS.filter((one) => !offered(`${kind}_enc_values_supported`).includes(one))) {
      const metadata = { [`${name}_alg`]: 'ECDH-ES', [`${name}_enc`]: enc, ...more }
      expect([enc, await refusal(metadata)]).toEqual([enc, 'invalid_client_metadata'])
    }
  })
})
