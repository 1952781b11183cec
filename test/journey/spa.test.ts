import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment, type BrowserVisit } from './browser-environment.ts'

describeInChromium('A single-page application on another origin', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment({ requireConsent: true, refreshTokenReuseWindow: 60 })
  })
  afterAll(() => stage.close())

  async function visit(): Promise<BrowserVisit> {
    const opened = await stage.openPage()
    await opened.page.goto(stage.notes.origin)
    await status(opened.page, 'logged out')
    return opened
  }

  /** Waits until the application shows `text`. */
  const status = (page: Page, text: string) => page.locator('#status', { hasText: text }).waitFor()

  const held = (page: Page) =>
    page.evaluate(() => {
      const { tokens } = (window as unknown as { notes: { tokens: TokenManager } }).notes
      return { access: tokens.getAccessToken(), refresh: tokens.getRefreshToken() }
    })

  it('signs a user in, refreshes and uses its tokens, revokes them, and signs the user out', async () => {
    const { server, notes } = stage
    const { context, page, pageErrors } = await visit()
    await page.clock.install()

    await page.click('#login')
    await signIn(page, { email: OWNER.email, password: 'not the password' })
    await page.locator('#error-summary').waitFor()
    expect(await page.inputValue('#email')).toBe(OWNER.email)
    expect(await page.inputValue('#password')).toBe('')
    expect(new URL(page.url()).origin).toBe(server.issuer)
    await page.fill('#password', OWNER.password)
    await page.click('#sign-in')

    await page.locator('#allow').waitFor()
    expect(await page.textContent('main')).toContain(new URL(notes.origin).host)
    await page.click('#allow')
    await status(page, 'logged in')
    expect(await page.textContent('#person')).toBe(OWNER.email)
    const callback = new URL(page.url())
    expect(callback.origin + callback.pathname).toBe(notes.redirectUri)
    expect(callback.searchParams.get('iss')).toBe(server.issuer)

    await page.click('#load-profile')
    await status(page, 'profile 200')
    expect(JSON.parse((await page.textContent('#profile')) ?? '')).toMatchObject({ email: OWNER.email })

    // Five minutes before the access token expires, without any user action.
    const first = await held(page)
    server.clock.advance(55 * 60)
    await page.clock.fastForward('55:01')
    await status(page, 'refreshed')
    const second = await held(page)
    expect(second.access).not.toBe(first.access)
    expect(second.refresh).not.toBe(first.refresh)
    // A second tab that refreshes a moment later gets the same tokens, and the grant is not revoked.
    const late = await page.evaluate(
      (token) => (window as unknown as { notes: { oauth2: OAuth2Client } }).notes.oauth2.refreshToken(token),
      first.refresh ?? '',
    )
    expect(late.refresh_token).toBe(second.refresh)

    // A rejected access token is replaced, and the call is repeated.
    await page.click('#drop-access')
    await status(page, 'access token revoked')
    await page.click('#load-profile')
    await status(page, 'profile 200')
    expect((await held(page)).access).not.toBe(second.access)
    expect(pageErrors.failedResponses.splice(0)).toEqual(['401 /auth/login', '401 /v1/me/profile'])

    await page.click('#revoke')
    await status(page, 'refresh token revoked')
    await page.click('#refresh')
    await status(page, 'invalid_grant')
    expect((await held(page)).refresh).toBeNull()
    expect(pageErrors.failedResponses.splice(0)).toEqual(['400 /oauth2/token'])

    await page.click('#sign-out')
    await page.waitForURL(`${notes.origin}/?signed-out`)
    await status(page, 'logged out')
    expect((await context.cookies(server.issuer)).map(({ name }) => name)).not.toContain('cerb_sid')
    await page.click('#silent-login')
    await status(page, 'login_required')

    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('logs out by revoking its refresh token, and the user stays signed in at the server', async () => {
    const { context, page, pageErrors } = await visit()
    await page.click('#login')
    await signIn(page)
    await page.click('#allow')
    await status(page, 'logged in')
    const { refresh } = await held(page)
    await page.click('#logout')
    await page.waitForURL(`${stage.notes.origin}/?left`)
    // Its script is a module and runs after the page has loaded.
    await page.waitForFunction(() => 'notes' in window)
    const again = await page.evaluate(
      (token) =>
        (window as unknown as { notes: { oauth2: OAuth2Client } }).notes.oauth2.refreshToken(token).then(
          () => 'tokens',
          (error: unknown) => String(error),
        ),
      refresh ?? '',
    )
    expect(again).toContain('invalid_grant')
    expect(pageErrors).toEqual({ errors: [], failedResponses: ['400 /oauth2/token'] })
    await page.click('#login')
    await page.click('#allow')
    await status(page, 'logged in')
    await context.close()
  })

  it('receives access_denied from the consent page and from the sign-in page', async () => {
    const { context, page, pageErrors } = await visit()
    await page.click('#login')
    await page.click('#cancel')
    await status(page, 'access_denied')
    await page.click('#login')
    await signIn(page)
    await page.click('#deny')
    await status(page, 'access_denied')
    expect(new URL(page.url()).searchParams.get('code')).toBeNull()
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })
})

interface TokenManager {
  getAccessToken(): string | null
  getRefreshToken(): string | null
}

interface OAuth2Client {
  refreshToken(token: string): Promise<{ refresh_token: string }>
}
