// DPoP proofs: their claims, and that each is accepted once.
import { decodeJwt, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
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
import { relyingParty } from '../../../support/relying-party.ts'

const MTLS = 'https://mtls.example.com'

let test: TestApp
let key: DpopKey
let other: DpopKey
let page: RegisteredTestClient
let machine: RegisteredTestClient

beforeAll(async () => {
  test = await createTestApp({ mtls: { mtlsUrl: MTLS } })
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

describe('RFC 9449 §4.3 a proof is accepted', () => {
  const url = `${ISSUER}/oauth2/token`
  it.each<[string, ProofSettings]>([
    ['as it should be', {}],
    ['with a query and a fragment in htu', { claims: { htu: `${url}?a=b#c` } }],
    ['with the host in capitals', { claims: { htu: 'https://AUTH.example.com/oauth2/token' } }],
    ['with the default port', { claims: { htu: 'https://auth.example.com:443/oauth2/token' } }],
    ['with letters that are percent-encoded', { claims: { htu: `${ISSUER}/oauth2/%74oken` } }],
    ['for the name where certificates are shown', { claims: { htu: `${MTLS}/oauth2/token` } }],
    ['with the type in capitals', { header: { typ: 'DPOP+JWT' } }],
    ['with the type in full', { header: { typ: 'application/dpop+jwt' } }],
    ['within its dates', { claims: { exp: 9_999_999_999, nbf: 1 } }],
    ['with unknown claims', { claims: { color: 'red' } }],
    ['with an unknown nonce', { nonce: 'anything' }],
  ])('%s', async (_what, settings) => {
    expect(error(await party(machine).machine(await proof(settings)))).toEqual(GRANTED)
  })

  it.each([-59, -10, 10, 60])('with an iat that differs by %i seconds', async (seconds) => {
    const iat = Math.floor(test.clock.now().getTime() / 1000) + seconds
    expect(error(await party(machine).machine(await proof({ claims: { iat } })))).toEqual(GRANTED)
  })
})

describe('RFC 9449 §4.3 a proof is rejected', () => {
  it.each<[string, ProofSettings]>([
    ['of another type', { header: { typ: 'JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['without a key', { header: { jwk: undefined } }],
    ['with a name of a key instead', { header: { jwk: undefined, kid: 'mine' } }],
    ['with what is critical', { header: { crit: ['b64'], b64: true } }],
    ['for another method', { method: 'GET' }],
    ['for the method in small letters', { method: 'post' }],
    ['for another path', { path: '/oauth2/revoke' }],
    ['for the path and more', { path: '/oauth2/token/' }],
    ['for another host', { claims: { htu: 'https://evil.example.com/oauth2/token' } }],
    ['for another scheme', { claims: { htu: 'http://auth.example.com/oauth2/token' } }],
    ['for another port', { claims: { htu: 'https://auth.example.com:8443/oauth2/token' } }],
    ['with a name before the host', { claims: { htu: 'https://a@auth.example.com/oauth2/token' } }],
    ['with a path alone', { claims: { htu: '/oauth2/token' } }],
    ['with a list as htu', { claims: { htu: [`${ISSUER}/oauth2/token`] } }],
    ['without htm', { claims: { htm: undefined } }],
    ['without htu', { claims: { htu: undefined } }],
    ['without jti', { claims: { jti: undefined } }],
    ['with an empty jti', { claims: { jti: '' } }],
    ['with a number as jti', { claims: { jti: 7 } }],
    ['with a jti beyond measure', { claims: { jti: 'x'.repeat(513) } }],
    ['without iat', { claims: { iat: undefined } }],
    ['with a text as iat', { claims: { iat: '1' } }],
    ['that has expired', { claims: { exp: 1 } }],
    ['that is not valid yet', { claims: { nbf: 9_999_999_999 } }],
    ['with a text as exp', { claims: { exp: '9999999999' } }],
    ['with a number as iss', { claims: { iss: 1 } }],
    ['with a number as aud', { claims: { aud: [1] } }],
    ['with half a character in an unknown claim', { claims: { color: '\ud800' } }],
    ['with a kid that is no text', { header: { kid: 1 } }],
  ])('%s', async (_what, settings) => {
    expect(error(await party(machine).machine(await proof(settings)))).toEqual(NO_PROOF)
  })

  it.each([-3600, -61, 61, 3600])('with an iat that differs by %i seconds', async (seconds) => {
    const iat = Math.floor(test.clock.now().getTime() / 1000) + seconds
    expect(error(await party(machine).machine(await proof({ claims: { iat } })))).toEqual(NO_PROOF)
  })

  it.each<[string, () => Promise<string> | string]>([
    ['that is invalid', () => 'nonsense'],
    ['that is empty', () => ''],
    ['that is sent twice', async () => `${await proof()}, ${await proof()}`],
    ['that is unsigned', () => new UnsecuredJWT({ jti: 'x', htm: 'POST', htu: `${ISSUER}/oauth2/token` }).encode()],
    ['by another key than it brings', () => proof({ header: { jwk: other.jwk } })],
    ['that brings the private key', () => proof({ header: { jwk: key.secretJwk } })],
    ['whose key is of another kind', async () => proof({ header: { jwk: (await makeDpopKey('RS256')).jwk } })],
    ['with a key in another spelling', () => proof({ header: { jwk: { ...key.jwk, x: `${key.jwk.x}=` } } })],
    ['whose key is on no curve', () => proof({ header: { jwk: { ...key.jwk, y: key.jwk.x } } })],
    ['that was cut short', async () => (await proof()).slice(0, -4)],
    ['with a signature in another spelling', async () => `${await proof()}=`],
  ])('%s', async (_what, make) => {
    expect(error(await party(machine).machine(await make()))).toEqual(NO_PROOF)
  })

  it('with an RSA key that is too short or too long', async () => {
    const { subtle } = globalThis.crypto
    const exponent = new Uint8Array([1, 0, 1])
    for (const modulusLength of [1024, 4104]) {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: exponent, hash: 'SHA-256' }
      const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const { kty, n, e } = await subtle.exportKey('jwk', pair.publicKey)
      const [header, payload] = [
        { typ: 'dpop+jwt', alg: 'RS256', jwk: { kty, n, e } },
        decodeJwt(await proof()) as Record<string, unknown>,
      ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      const signature = await subtle.sign(algorithm.name, pair.privateKey, Buffer.from(`${header}.${payload}`))
      const text = `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`
      const answer = await party(machine).machine(text)
      expect(error(answer)).toEqual(NO_PROOF)
      expect(answer.body).toContain('RSA key')
    }
  })

  it('and the code stays valid', async () => {
    const rp = party(page)
    const code = await rp.code()
    expect(error(await rp.redeem(code, await proof({ method: 'GET' })))).toEqual(NO_PROOF)
    expect(error(await rp.redeem(code, await proof()))).toEqual(GRANTED)
  })
})

describe('RFC 9449 §11.1 a proof is accepted once', () => {
  it('at the token endpoint, across processes and purposes', async () => {
    const rp = party(machine)
    const once = await proof()
    expect(error(await rp.machine(once))).toEqual(GRANTED)
    expect(error(await rp.machine(once))).toEqual(NO_PROOF)
    const second = await createTestApp({
      connectionString: test.connectionString,
      clock: test.clock,
    })
    try {
      const { clientId, clientSecret } = machine
      const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret ?? '' }
      expect(error(await relyingParty(second, machine).post('/oauth2/token', form, { dpop: once }))).toEqual(NO_PROOF)
    } finally {
      await second.close()
    }
  })

  it('at a resource', async () => {
    const { access_token: token } = await party(page).bound()
    const once = await forUserinfo(token)
    expect((await resource(token, once)).statusCode).toBe(200)
    expect(error(await resource(token, once))).toEqual([401, 'invalid_dpop_proof'])
  })

  it('and its jti may be used with another key', async () => {
    const claims = { jti: 'the-same' }
    expect(error(await party(machine).machine(await proof({ claims })))).toEqual(GRANTED)
    expect(error(await party(machine).machine(await proof({ claims }, other)))).toEqual(GRANTED)
    expect(error(await party(machine).machine(await proof({ claims })))).toEqual(NO_PROOF)
  })

  it('is stored until it is too old, and then removed', async () => {
    const count = () => test.database.prisma.replayCacheEntry.count()
    const once = await proof()
    expect(error(await party(machine).machine(once))).toEqual(GRANTED)
    test.clock.advance(59)
    await test.repositories.sweep(test.clock.now())
    expect(error(await party(machine).machine(once))).toEqual(NO_PROOF)
    test.clock.advance(200)
    expect(await count()).toBeGreaterThan(0)
    await test.repositories.sweep(test.clock.now())
    expect(await count()).toBe(0)
    expect(error(await party(machine).machine(once))).toEqual(NO_PROOF)
  })

  it('and stores nothing if another check fails', async () => {
    const before = await test.database.prisma.replayCacheEntry.count()
    const dpop = await proof()
    const answer = await relyingParty(test, machine).post(
      '/oauth2/token',
      { grant_type: 'client_credentials', client_id: machine.clientId, client_secret: 'wrong' },
      { dpop },
    )
    expect(answer.statusCode).toBe(401)
    expect(await test.database.prisma.replayCacheEntry.count()).toBe(before)
    expect(error(await party(machine).machine(dpop))).toEqual(GRANTED)
  })

  it('and counts towards the general rate limit of its address for a public client', async () => {
    const limited = await createTestApp({ limits: { general: { max: 8, window: 60 } } })
    try {
      const [open, closed] = [await limited.registerClient(), await limited.registerClient(MACHINE)]
      const ask = async (client: RegisteredTestClient, form: Record<string, string>) => {
        const dpop = await dpopProof(limited, key)
        const answer = await relyingParty(limited, client).post(
          '/oauth2/token',
          { client_id: client.clientId, ...form },
          { dpop },
        )
        return answer.statusCode
      }
      const machines = { grant_type: 'client_credentials', client_secret: closed.clientSecret ?? '' }
      const [answers, others] = [[] as number[], [] as number[]]
      for (let count = 0; count < 12; count += 1) {
        others.push(await ask(closed, machines))
        answers.push(await ask(open, { grant_type: 'authorization_code', code: 'x' }))
      }
      expect(others).toEqual(Array.from({ length: 12 }, () => 200))
      expect([answers[0], answers.at(-1)]).toEqual([400, 429])
    } finally {
      await limited.close()
    }
  })
})
