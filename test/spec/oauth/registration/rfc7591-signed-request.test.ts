import { createSecretKey } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER } from '../../../support/app.ts'
import { startDocumentServer } from '../../../support/document-server.ts'
import { REDIRECT_URI } from '../../../support/relying-party.ts'

const REGISTER = '/oauth2/register'
const ENDPOINT = `${ISSUER}${REGISTER}`
const INVALID = [400, 'invalid_client_metadata']

interface Registered {
  client_id: string
  registration_access_token: string
  [member: string]: unknown
}

let api: Api
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey }
let jwks: { keys: JWK[] }
let documents: Awaited<ReturnType<typeof startDocumentServer>>
beforeAll(async () => {
  documents = await startDocumentServer()
  api = await createApi({ allow: ['localhost'] })
  pair = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('ES256', { extractable: true })
  jwks = { keys: [await exportJWK(pair.publicKey)] }
  await setPolicy({ policy: 'open' })
})
afterAll(async () => {
  await api.close()
  await documents.close()
})

const setPolicy = (body: object) => api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body })
const seconds = () => Math.floor(api.clock.now().getTime() / 1000)
let count = 0
const claims = (more: object = {}) => ({
  iss: 'software-1',
  aud: ISSUER,
  iat: seconds(),
  exp: seconds() + 300,
  jti: `request-${(count += 1)}`,
  redirect_uris: [REDIRECT_URI],
  client_name: 'Signed',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks,
  ...more,
})
const sign = (payload: object, key: Parameters<SignJWT['sign']>[0] = pair.privateKey, header: object = {}) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'ES256', ...header }).sign(key)
const send = (method: 'POST' | 'PUT', url: string, payload: string, headers: Record<string, string> = {}) =>
  api.app.inject({ method, url, payload, headers: { 'content-type': 'application/jwt', ...headers } })
const outcome = async (payload: string, headers: Record<string, string> = {}) => {
  const answer = await send('POST', REGISTER, payload, headers)
  return [answer.statusCode, answer.json<{ error?: string }>().error]
}
const registered = async (payload: object) => {
  const answer = await send('POST', REGISTER, await sign(payload))
  expect([answer.statusCode, answer.json<{ error_description?: string }>().error_description]).toEqual([201, undefined])
  return answer.json<Registered>()
}

describe('Open Banking Dynamic Client Registration 3.2: a request that is a JWT', () => {
  it('registers its metadata claims, and no JWT claims', async () => {
    const client = await registered(claims({ aud: ['https://elsewhere.example', ENDPOINT] }))
    expect(client).toMatchObject({ client_name: 'Signed', redirect_uris: [REDIRECT_URI], jwks })
    for (const name of ['iss', 'aud', 'exp', 'iat', 'jti']) expect(client).not.toHaveProperty(name)
  })

  it('accepts its media type in any case and with parameters', async () => {
    expect(await outcome(await sign(claims()), { 'content-type': 'Application/JWT; charset=utf-8' })).toEqual([
      201,
      undefined,
    ])
  })

  it('accepts a signature by a key at jwks_uri', async () => {
    documents.documents.set('/jwks.json', { body: JSON.stringify(jwks) })
    const uri = `${documents.base}/jwks.json`
    expect(await registered(claims({ jwks: undefined, jwks_uri: uri }))).toMatchObject({ jwks_uri: uri })
  })

  it('has the software as iss, if there is one', async () => {
    expect(await outcome(await sign(claims({ software_id: 'software-1' })))).toEqual([201, undefined])
    expect(await outcome(await sign(claims({ software_id: 'software-2' })))).toEqual(INVALID)
  })
})

describe('RFC 7591 §3.2.2 a request with an invalid signature or claims', () => {
  const cases: [what: string, payload: () => Promise<string> | string][] = [
    ['is no JWT', () => JSON.stringify(claims())],
    ['is empty', () => ' '],
    ['is unsigned', () => new UnsecuredJWT(claims()).encode()],
    ['is signed by a key that it does not register', () => sign(claims(), stranger.privateKey)],
    [
      'is signed by a MAC under a key that it registers',
      () => {
        const secret = Buffer.alloc(32, 7)
        const shared = { keys: [{ kty: 'oct', k: secret.toString('base64url') }] }
        return sign(claims({ jwks: shared }), createSecretKey(secret), { alg: 'HS256' })
      },
    ],
    ['registers no key', () => sign(claims({ jwks: undefined, token_endpoint_auth_method: 'none' }))],
    ['is a JWT of another kind', () => sign(claims(), pair.privateKey, { typ: 'oauth-authz-req+jwt' })],
    ['names no iss', () => sign(claims({ iss: undefined }))],
    ['has another audience', () => sign(claims({ aud: 'https://elsewhere.example' }))],
    ['has no audience', () => sign(claims({ aud: undefined }))],
    ['never expires', () => sign(claims({ exp: undefined }))],
    ['is expired', () => sign(claims({ exp: seconds() - 60 }))],
    ['is good for more than an hour', () => sign(claims({ exp: seconds() + 4_000 }))],
    ['was made in the future', () => sign(claims({ iat: seconds() + 600 }))],
    ['has no jti', () => sign(claims({ jti: undefined }))],
    ['has a jti without end', () => sign(claims({ jti: 'x'.repeat(513) }))],
  ]

  it.each(cases)('%s: invalid_client_metadata, and nothing is stored', async (_what, payload) => {
    const before = await api.prisma.client.count()
    expect(await outcome(await payload())).toEqual(INVALID)
    expect(await api.prisma.client.count()).toBe(before)
  })

  it('is accepted once, even in concurrent requests', async () => {
    const request = await sign(claims())
    const answers = await Promise.all(Array.from({ length: 5 }, () => outcome(request)))
    expect(answers.filter(([status]) => status === 201)).toHaveLength(1)
    expect(answers.filter(([status]) => status !== 201)).toEqual(Array.from({ length: 4 }, () => INVALID))
  })

  it('fetches no keys before the registration is authorized', async () => {
    await setPolicy({ policy: 'closed' })
    documents.asked.length = 0
    const request = await sign(claims({ jwks: undefined, jwks_uri: `${documents.base}/closed.json` }))
    expect(await outcome(request)).toEqual([403, 'access_denied'])
    expect(documents.asked).toEqual([])
    await setPolicy({ policy: 'open' })
  })

  it('a JSON string is not a JWT', async () => {
    const body = JSON.stringify(await sign(claims()))
    expect(await outcome(body, { 'content-type': 'application/json' })).toEqual(INVALID)
  })
})

describe('RFC 7591 §2.3 with a software statement', () => {
  const DIRECTORY = 'https://directory.example.com'
  let directory: CryptoKey
  beforeAll(async () => {
    const keys = await generateKeyPair('ES256', { extractable: true })
    directory = keys.privateKey
    const body = { issuer: DIRECTORY, jwks: { keys: [await exportJWK(keys.publicKey)] } }
    await api.send(api.owner, 'POST', '/v1/admin/software-statement-issuers', { body })
  })

  it('a request must be signed by a key of the statement, not by its own keys', async () => {
    const vouched = { keys: [await exportJWK(stranger.publicKey)] }
    const statement = await sign({ iss: DIRECTORY, software_id: 'software-1', jwks: vouched }, directory)
    const request = claims({ software_statement: statement })
    expect(await outcome(await sign(request))).toEqual(INVALID)
    expect(await outcome(await sign(request, stranger.privateKey))).toEqual([201, undefined])
  })
})

describe('RFC 7592 §2.2 an update that is a JWT', () => {
  it('is signed by a key that it registers, and names the client or its software', async () => {
    const client = await registered(claims({ software_id: 'software-1' }))
    const url = `${REGISTER}/${client.client_id}`
    let token = client.registration_access_token
    const replace = async (payload: string) => {
      const answer = await send('PUT', url, payload, { authorization: `Bearer ${token}` })
      const body = answer.json<Partial<Registered> & { error?: string }>()
      token = body.registration_access_token ?? token
      return [answer.statusCode, body.error, body.client_name]
    }
    const next = (more: object = {}) =>
      claims({ client_id: client.client_id, software_id: 'software-1', client_name: 'Renamed', ...more })
    expect(await replace(await sign(next({ iss: 'another-client' })))).toEqual([...INVALID, undefined])
    expect(await replace(await sign(next(), stranger.privateKey))).toEqual([...INVALID, undefined])
    expect(await replace(await sign(next({ aud: `${ISSUER}${url}` })))).toEqual([200, undefined, 'Renamed'])
    expect(await replace(await sign(next({ iss: client.client_id, client_name: 'Again' })))).toEqual([
      200,
      undefined,
      'Again',
    ])
  })
})
