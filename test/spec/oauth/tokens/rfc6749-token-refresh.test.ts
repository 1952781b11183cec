import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { readForm, type Browser } from '../../../support/browser.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

const INVALID_GRANT = { status: 400, error: 'invalid_grant', cache: 'no-store' }
const INVALID_SCOPE = { status: 400, error: 'invalid_scope', cache: 'no-store' }

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  rp = relyingParty(test, client)
})
afterAll(() => test.close())
beforeEach(async () => {
  browser = await test.signedInBrowser()
})

const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

describe('RFC 6749 §6 refreshing an access token', () => {
  it('grants the same scope if none is requested', async () => {
    const { refresh_token } = await rp.tokens(browser, { scope: 'openid email' })
    const next = (await rp.refresh(refresh_token)).json<Tokens>()
    expect(next.scope).toBe('openid email')
    expect(claims(next.access_token)['scope']).toBe('openid email')
  })

  it('grants a reduced scope if requested, and the full scope the next time', async () => {
    const { refresh_token } = await rp.tokens(browser)
    const narrow = (await rp.refresh(refresh_token, { scope: 'openid' })).json<Tokens>()
    expect(narrow.scope).toBe('openid')
    expect(claims(narrow.access_token)['scope']).toBe('openid')
    expect((await rp.userinfo(narrow.access_token)).json()).not.toHaveProperty('email')
    const all = (await rp.refresh(narrow.refresh_token)).json<Tokens>()
    expect(all.scope).toBe('openid profile email')
  })

  it('issues no ID token if openid is not requested', async () => {
    const { refresh_token } = await rp.tokens(browser)
    const answer = (await rp.refresh(refresh_token, { scope: 'email' })).json<Tokens>()
    expect(answer).not.toHaveProperty('id_token')
    expect(answer.scope).toBe('email')
  })

  it.each(['openid profile email phone', 'admin', 'openid "quoted"', 'a\\b', 'openid\nemail', '   ', 'é'])(
    'rejects the scope %j, and the token stays valid',
    async (scope) => {
      const { refresh_token } = await rp.tokens(browser)
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(readOAuthError(await rp.refresh(refresh_token, { scope }))).toEqual(INVALID_SCOPE)
        test.clock.advance(30)
      }
      const next = (await rp.refresh(refresh_token)).json<Tokens>()
      // If the rejected request had rotated the token, the second one would be a replay.
      expect((await rp.refresh(next.refresh_token)).statusCode).toBe(200)
    },
  )

  it('issues an ID token for the same user, sign-in and client, without nonce (OpenID Connect Core §12.2)', async () => {
    const first = await rp.tokens(browser, { nonce: 'n-1' })
    test.clock.advance(100)
    const next = (await rp.refresh(first.refresh_token)).json<Tokens>()
    const [before, after] = [claims(first.id_token), claims(next.id_token)]
    expect(before['nonce']).toBe('n-1')
    expect(after).toMatchObject({
      iss: ISSUER,
      sub: before['sub'],
      aud: before['aud'],
      auth_time: before['auth_time'],
      iat: Number(before['iat']) + 100,
    })
    expect(after).not.toHaveProperty('nonce')
  })

  it('is rejected for a client that did not register it', async () => {
    const other = relyingParty(
      test,
      await test.registerClient({ grantTypes: ['authorization_code'], scopes: ['openid'] }),
    )
    const tokens = await other.tokens(browser, { scope: 'openid' })
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(readOAuthError(await other.refresh('rt_x'))).toMatchObject({ status: 400, error: 'unauthorized_client' })
  })

  it.each(['x', 'rt_', `rt_${'A'.repeat(70)}`, 'rt_\u{1f511}', 'x'.repeat(10_000)])('rejects %j', async (token) => {
    expect(readOAuthError(await rp.refresh(token))).toEqual(INVALID_GRANT)
  })

  it('rejects a token with a changed family, generation or proof, and the original stays valid', async () => {
    const { refresh_token } = await rp.tokens(browser)
    const next = (await rp.refresh(refresh_token)).json<Tokens>().refresh_token
    const bytes = Buffer.from(next.slice(3), 'base64url')
    for (let index = 0; index < bytes.length; index += 1) {
      for (const bit of [1, 128]) {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] ?? 0) ^ bit
        const answer = await rp.refresh(`rt_${changed.toString('base64url')}`)
        expect(readOAuthError(answer)).toEqual(INVALID_GRANT)
      }
    }
    expect((await rp.refresh(next)).statusCode).toBe(200)
  })
})

describe('revocation of refresh tokens', () => {
  /** Signs out on the logout page. */
  async function signOut(): Promise<void> {
    await browser.get('/oauth2/logout')
    const { hidden } = readForm(browser.page.body)
    await browser.post('/oauth2/logout', { ...hidden, action: 'sign-out' }, { 'sec-fetch-site': 'same-origin' })
    expect(browser.cookies.has('cerb_sid')).toBe(false)
  }

  it('signing out revokes those without offline_access, with their access tokens', async () => {
    const { refresh_token, access_token } = await rp.tokens(browser)
    await signOut()
    expect(readOAuthError(await rp.refresh(refresh_token))).toEqual(INVALID_GRANT)
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
  })

  it('signing out keeps those with offline_access (OpenID Connect Core §11)', async () => {
    const { refresh_token } = await rp.tokens(browser, { scope: 'openid offline_access' })
    await signOut()
    expect((await rp.refresh(refresh_token)).statusCode).toBe(200)
  })

  it('an expired session revokes none', async () => {
    const { refresh_token } = await rp.tokens(browser)
    test.clock.advance(7200)
    await browser.get(rp.authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('login_required')
    expect((await rp.refresh(refresh_token)).statusCode).toBe(200)
  })

  it.each(['openid', 'openid offline_access'])('blocking the user revokes them (%s)', async (scope) => {
    const { refresh_token, access_token } = await rp.tokens(browser, { scope })
    const { prisma } = test.database
    await prisma.user.updateMany({ data: { blockedAt: test.clock.now() } })
    const [refreshed, asked] = [await rp.refresh(refresh_token), await rp.userinfo(access_token)]
    await prisma.user.updateMany({ data: { blockedAt: null } })
    expect(readOAuthError(refreshed)).toEqual(INVALID_GRANT)
    expect(asked.statusCode).toBe(401)
  })

  it.each(['suspended', 'cancelled'])('so does an organisation with the status %s', async (status) => {
    const { refresh_token } = await rp.tokens(browser)
    const { prisma } = test.database
    await prisma.organisation.updateMany({ data: { status } })
    const refreshed = await rp.refresh(refresh_token)
    await prisma.organisation.updateMany({ data: { status: 'active' } })
    await test.changesRead()
    expect(['invalid_grant', 'invalid_client']).toContain(readOAuthError(refreshed).error)
  })
})
