import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ALL_KEYS } from '../../../src/keys/key-set.ts'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

let test: TestApp
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())
beforeEach(async () => {
  browser = await test.signedInBrowser()
})

const jwks = async () => (await test.app.inject({ method: 'GET', url: '/oauth2/jwks.json' })).json<JSONWebKeySet>()

/** Verifies it like a client library, by the published keys of the issuer. */
const verify = async (token: string, typ: string, audience: string, algorithm: string) =>
  jwtVerify(token, createLocalJWKSet(await jwks()), {
    issuer: ISSUER,
    audience,
    typ,
    algorithms: [algorithm],
    currentDate: test.clock.now(),
    requiredClaims: ['iat', 'exp', 'sub'],
  })
const seconds = () => Math.floor(test.clock.now().getTime() / 1000)
const owner = () => test.database.prisma.user.findFirstOrThrow()

async function tokensOf(settings: Record<string, unknown> = {}, more: Record<string, string> = {}) {
  const client = await test.registerClient(settings)
  const rp = relyingParty(test, client)
  return { client, rp, tokens: await rp.tokens(browser, more) }
}

describe('OpenID Connect Core §2 the ID token', () => {
  it('is signed RS256 by a published key, with iss, sub, aud and auth_time', async () => {
    const signedInAt = seconds()
    test.clock.advance(100)
    const { client, tokens } = await tokensOf({}, { nonce: 'n-1' })
    const { payload, protectedHeader } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    expect(payload).toEqual({
      iss: ISSUER,
      sub: (await owner()).id,
      aud: client.clientId,
      iat: seconds(),
      exp: seconds() + 3600,
      auth_time: signedInAt,
      acr: 'pwd',
      amr: ['pwd'],
      nonce: 'n-1',
    })
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) })
    expect((await jwks()).keys.find(({ kid }) => kid === protectedHeader.kid)).toMatchObject({
      kty: 'RSA',
      alg: 'RS256',
      use: 'sig',
    })
  })

  it('has a subject of at most 255 ASCII characters, the same at userinfo', async () => {
    const { client, rp, tokens } = await tokensOf()
    const { payload } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    expect(payload.sub).toMatch(/^[\x21-\x7e]{1,255}$/)
    expect((await rp.userinfo(tokens.access_token)).json()).toMatchObject({ sub: payload.sub })
  })

  it('contains no claims of scopes, because userinfo returns them (§5.4)', async () => {
    const { client, tokens } = await tokensOf({}, { scope: 'openid profile email phone address' })
    const { payload } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    for (const name of ['email', 'name', 'phone_number', 'address']) expect(payload).not.toHaveProperty(name)
  })

  it('contains those of granted scopes if the client is configured so, after a refresh too (§5.4)', async () => {
    const { id, email } = await owner()
    await test.database.prisma.user.update({ where: { id }, data: { nickname: 'Ol', phoneNumber: '+49 30 1234567' } })
    const claims = JSON.stringify({ id_token: { nickname: null } })
    const scope = 'openid email phone offline_access'
    const { client, rp, tokens } = await tokensOf({ includeClaimsInIdToken: true }, { scope, claims })
    const { payload } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    const ofEmail = { sub: id, email, email_verified: true }
    const ofPhone = { phone_number: '+49 30 1234567', phone_number_verified: false }
    expect(payload).toMatchObject({ ...ofEmail, ...ofPhone, nickname: 'Ol', aud: client.clientId, acr: 'pwd' })
    expect(payload).not.toHaveProperty('updated_at')
    expect((await rp.userinfo(tokens.access_token)).json()).toEqual({ ...ofEmail, ...ofPhone })
    const narrowed = await rp.refresh(tokens.refresh_token, { scope: 'openid email' })
    const again = await verify(narrowed.json<Tokens>().id_token, 'JWT', client.clientId, 'RS256')
    expect(again.payload).toMatchObject({ ...ofEmail, nickname: 'Ol' })
    expect(again.payload).not.toHaveProperty('phone_number')
  })

  it('is not issued without the scope openid (§3.1.2.1)', async () => {
    const { rp, tokens } = await tokensOf({}, { scope: 'email' })
    expect(tokens).not.toHaveProperty('id_token')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(403)
  })

  it('has the lifetime that the client registered', async () => {
    const { client, tokens } = await tokensOf({ idTokenLifetime: 120 })
    const { payload } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    expect(payload.exp).toBe(seconds() + 120)
    test.clock.advance(121)
    await expect(verify(tokens.id_token, 'JWT', client.clientId, 'RS256')).rejects.toThrow('exp')
  })

  it.each(ALGORITHMS)('is signed %s for a client that registered this', async (alg) => {
    const { client, tokens } = await tokensOf({ idTokenSignedResponseAlg: alg })
    const { protectedHeader } = await verify(tokens.id_token, 'JWT', client.clientId, alg)
    expect(protectedHeader.alg).toBe(alg)
    await verify(tokens.access_token, 'at+jwt', ISSUER, 'ES256')
  })

  it('contains the session id for clients with a logout, which is the same for all of them', async () => {
    const sid = async () => {
      const { client, tokens } = await tokensOf({ backchannelLogoutUri: 'https://app.example.com/logout' })
      return (await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')).payload['sid']
    }
    const first = await sid()
    expect(await sid()).toBe(first)
    browser = await test.signedInBrowser()
    expect(await sid()).not.toBe(first)
  })
})

describe('RFC 9068 §2 the access token', () => {
  it('is a JWT of its own type, signed ES256 by a published key', async () => {
    const signedInAt = seconds()
    test.clock.advance(100)
    const { client, tokens } = await tokensOf()
    const { payload, protectedHeader } = await verify(tokens.access_token, 'at+jwt', ISSUER, 'ES256')
    const { id: sub, organisationId } = await owner()
    expect(payload).toEqual({
      iss: ISSUER,
      sub,
      aud: ISSUER,
      client_id: client.clientId,
      iat: seconds(),
      exp: seconds() + 3600,
      auth_time: signedInAt,
      acr: 'pwd',
      jti: expect.stringMatching(/^[\w-]{22,}$/),
      scope: 'openid profile email',
      org: 'acme',
      org_id: organisationId,
      grant_id: expect.any(String),
    })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
  })

  it.each(ALGORITHMS)('is signed %s for a client that registered this', async (alg) => {
    const { client, rp, tokens } = await tokensOf({ accessTokenSigningAlg: alg })
    const { protectedHeader } = await verify(tokens.access_token, 'at+jwt', ISSUER, alg)
    expect(protectedHeader.alg).toBe(alg)
    await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
  })

  it('has a new jti every time', async () => {
    const { rp, tokens } = await tokensOf()
    const next = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    const again = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    const jtis = await Promise.all(
      [tokens, next, again].map(
        async ({ access_token }) => (await verify(access_token, 'at+jwt', ISSUER, 'ES256')).payload.jti,
      ),
    )
    expect(new Set(jtis).size).toBe(3)
  })

  it('has the registered audience, and this server if it may call userinfo', async () => {
    const api = 'https://api.example.com'
    const { rp, tokens } = await tokensOf({ audience: [api] })
    const { payload } = await verify(tokens.access_token, 'at+jwt', api, 'ES256')
    expect(payload.aud).toEqual([api, ISSUER])
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
    const narrow = (await rp.refresh(tokens.refresh_token, { scope: 'email' })).json<Tokens>()
    expect((await verify(narrow.access_token, 'at+jwt', api, 'ES256')).payload.aud).toBe(api)
  })

  it('has the lifetime that the client registered', async () => {
    const { rp, tokens } = await tokensOf({ accessTokenLifetime: 60 })
    expect(tokens.expires_in).toBe(60)
    test.clock.advance(59)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
    test.clock.advance(1)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
  })
})

describe('OpenID Connect Core §10.1.1 keys that rotate', () => {
  it('a key is published before it signs, and until its last token expires', async () => {
    const { client, rp, tokens } = await tokensOf()
    const published = (await jwks()).keys.map(({ kid }) => kid)
    await test.signer.rotate(ALL_KEYS)
    const next = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    const { protectedHeader: before } = await verify(tokens.id_token, 'JWT', client.clientId, 'RS256')
    const { protectedHeader: after } = await verify(next.id_token, 'JWT', client.clientId, 'RS256')
    expect(after.kid).not.toBe(before.kid)
    expect(published).toContain(after.kid)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
  })

  it('nothing private is published', async () => {
    for (const key of (await jwks()).keys) {
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret)
      expect(key).toMatchObject({
        kid: expect.any(String),
        alg: expect.any(String),
        use: expect.stringMatching(/^(?:sig|enc)$/),
      })
    }
  })
})
