import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const OTHER_URI = 'https://app.example.com/other'
const INVALID_GRANT = { status: 400, error: 'invalid_grant', cache: 'no-store' }

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let confidential: ReturnType<typeof relyingParty>
let other: RegisteredTestClient
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient({ redirectUris: ['https://app.example.com/callback', OTHER_URI] })
  rp = relyingParty(test, client)
  other = await test.registerClient()
  confidential = relyingParty(test, await test.registerClient({ clientType: 'confidential' }))
})
afterAll(() => test.close())
beforeEach(async () => {
  browser = await test.signedInBrowser()
})

const replays = () => test.database.prisma.auditEvent.count({ where: { type: 'oauth2.code_replayed' } })

describe('RFC 6749 §4.1.2 a code is bound to its client and its redirect URI, and short-lived', () => {
  it('is valid for ten minutes', async () => {
    const [early, late] = [await rp.code(browser), await rp.code(browser)]
    test.clock.advance(599)
    expect((await rp.exchange(early)).statusCode).toBe(200)
    test.clock.advance(1)
    expect(readOAuthError(await rp.exchange(late))).toEqual(INVALID_GRANT)
  })

  it('is rejected for another client, and stays valid for its own', async () => {
    const code = await rp.code(browser)
    expect(readOAuthError(await rp.exchange(code, { client_id: other.clientId }))).toEqual(INVALID_GRANT)
    expect(readOAuthError(await confidential.exchange(code, { code_verifier: rp.verifier }))).toEqual(INVALID_GRANT)
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it.each([
    OTHER_URI,
    'https://app.example.com/callback/',
    'https://app.example.com/callback?',
    'https://APP.example.com/callback',
    'https%3A%2F%2Fapp.example.com%2Fcallback',
    undefined,
  ])('is rejected for the redirect URI %s, and stays valid for its own', async (redirectUri) => {
    const code = await rp.code(browser)
    expect(readOAuthError(await rp.exchange(code, { redirect_uri: redirectUri }))).toEqual(INVALID_GRANT)
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it('is valid only for the port that a native application used in its request', async () => {
    const native = relyingParty(test, await test.registerClient({ redirectUris: ['http://127.0.0.1/callback'] }))
    const redirectUri = 'http://127.0.0.1:50123/callback'
    await browser.get(native.authorizeUrl({ redirect_uri: redirectUri }))
    const code = browser.answer().get('code') ?? ''
    for (const uri of ['http://127.0.0.1/callback', 'http://127.0.0.1:50124/callback']) {
      expect(readOAuthError(await native.exchange(code, { redirect_uri: uri }))).toEqual(INVALID_GRANT)
    }
    expect((await native.exchange(code, { redirect_uri: redirectUri })).statusCode).toBe(200)
  })

  it.each(['unknown', 'authz_', `authz_${'A'.repeat(43)}`, 'x'.repeat(10_000), "' OR 1=1 --", '\u{1f511}'])(
    'is rejected as %j',
    async (code) => {
      expect(readOAuthError(await rp.exchange(code))).toEqual(INVALID_GRANT)
    },
  )
})

describe('RFC 9700 §4.2.4 a code is used once', () => {
  it('revokes its tokens when it is presented again, and this is recorded', async () => {
    const code = await rp.code(browser)
    const before = await replays()
    const first = (await rp.exchange(code)).json<{ access_token: string; refresh_token: string }>()
    expect((await rp.userinfo(first.access_token)).statusCode).toBe(200)
    const next = (await rp.refresh(first.refresh_token)).json<typeof first>()

    expect(readOAuthError(await rp.exchange(code))).toEqual(INVALID_GRANT)
    for (const { access_token, refresh_token } of [first, next]) {
      expect((await rp.userinfo(access_token)).statusCode).toBe(401)
      expect(readOAuthError(await rp.refresh(refresh_token))).toEqual(INVALID_GRANT)
    }
    expect(await replays()).toBe(before + 1)
    const { body } = await rp.exchange(code)
    expect(body).not.toContain('access_token')
  })

  it.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect URI', { redirect_uri: OTHER_URI }],
  ])('also when it is presented again with %s', async (_, more) => {
    const code = await rp.code(browser)
    const { access_token } = (await rp.exchange(code)).json<{ access_token: string }>()
    expect(readOAuthError(await rp.exchange(code, more))).toEqual(INVALID_GRANT)
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
  })

  it('also after it has expired', async () => {
    const code = await rp.code(browser)
    const { access_token } = (await rp.exchange(code)).json<{ access_token: string }>()
    test.clock.advance(700)
    expect(readOAuthError(await rp.exchange(code))).toEqual(INVALID_GRANT)
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
  })

  it('but another client that presents it revokes nothing', async () => {
    const code = await rp.code(browser)
    const { access_token } = (await rp.exchange(code)).json<{ access_token: string }>()
    expect(readOAuthError(await rp.exchange(code, { client_id: other.clientId }))).toEqual(INVALID_GRANT)
    expect((await rp.userinfo(access_token)).statusCode).toBe(200)
  })

  it('and a replay revokes no other authorization of the same user and client', async () => {
    const neighbour = await rp.tokens(browser)
    const code = await rp.code(browser)
    await rp.exchange(code)
    await rp.exchange(code)
    expect((await rp.userinfo(neighbour.access_token)).statusCode).toBe(200)
  })

  it('issues tokens for one of sixteen concurrent requests', async () => {
    for (let round = 0; round < 10; round += 1) {
      const code = await rp.code(browser)
      const answers = await Promise.all(Array.from({ length: 16 }, () => rp.exchange(code)))
      expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    }
  })

  it('issues nothing if the authorization was revoked before the exchange', async () => {
    const signedOut = await rp.code(browser)
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    await test.app.inject({ method: 'POST', url: '/v1/auth/logout', headers: { cookie } })
    expect(readOAuthError(await rp.exchange(signedOut))).toEqual(INVALID_GRANT)

    const blocked = await rp.code(await test.signedInBrowser())
    await test.database.prisma.user.updateMany({ data: { blockedAt: test.clock.now() } })
    expect(readOAuthError(await rp.exchange(blocked))).toEqual(INVALID_GRANT)
    await test.database.prisma.user.updateMany({ data: { blockedAt: null } })
  })
})
