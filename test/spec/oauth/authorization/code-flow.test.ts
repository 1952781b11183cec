import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

describe('the code flow from sign-in to revocation', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('signs a user in, issues tokens, returns userinfo, refreshes, and revokes the tokens', async () => {
    const client = await test.registerClient()
    const rp = relyingParty(test, client)
    const browser = test.browser()
    const tokens = await rp.tokens(browser)
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid profile email' })

    const userinfo = await rp.userinfo(tokens.access_token)
    expect(userinfo.statusCode).toBe(200)
    expect(userinfo.json()).toMatchObject({ email: 'owner@acme.test', email_verified: true })

    const refreshed = await rp.refresh(tokens.refresh_token)
    expect(refreshed.statusCode).toBe(200)
    const next = refreshed.json<typeof tokens>()
    expect(next.refresh_token).not.toBe(tokens.refresh_token)

    expect((await rp.revoke(next.refresh_token)).statusCode).toBe(200)
    expect((await rp.userinfo(next.access_token)).statusCode).toBe(401)
    expect((await rp.refresh(next.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })

    // A second authorization needs no second sign-in.
    await browser.get(rp.authorizeUrl())
    expect(browser.answer().get('code')).toMatch(/^authz_/)
    expect(browser.answer().get('iss')).toBe('https://auth.example.com')
  })
})
