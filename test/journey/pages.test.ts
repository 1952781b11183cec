import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, type BrowserEnvironment } from './browser-environment.ts'

describeInChromium('The hosted pages', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment({ requireConsent: true })
  })
  afterAll(() => stage.close())

  const focused = (page: Page) => page.locator(':focus').getAttribute('id')

  /** Checks a page on a phone in dark mode: no horizontal scrolling, light text on a dark background, in German. */
  async function expectReadable(page: Page): Promise<void> {
    const { overflow, ink, ground } = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body)
      const { scrollWidth, clientWidth } = document.documentElement
      return { overflow: scrollWidth - clientWidth, ink: color, ground: backgroundColor }
    })
    expect(overflow).toBe(0)
    expect(brightness(ink)).toBeGreaterThan(200)
    expect(brightness(ground)).toBeLessThan(60)
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
  }

  it('work without JavaScript and by keyboard, on a phone, in dark mode and in German', async () => {
    const { context, page, pageErrors } = await stage.openPage({
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
      isMobile: true,
      colorScheme: 'dark',
      locale: 'de-DE',
    })
    await page.goto(stage.authorizeUrl())
    await expectReadable(page)
    expect(await page.title()).toBe('Anmelden · Notes')
    expect(await focused(page)).toBe('email')
    await page.keyboard.type(OWNER.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type('falsch')
    await page.keyboard.press('Enter')

    await page.locator('#error-summary').waitFor()
    await expectReadable(page)
    expect(await page.title()).toBe('Fehler: Anmelden · Notes')
    expect(await page.inputValue('#email')).toBe(OWNER.email)
    expect(await focused(page)).toBe('password')
    expect(await page.getAttribute('#password', 'aria-describedby')).toBe('error-summary')
    await page.keyboard.type(OWNER.password)
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('sign-in')
    await page.keyboard.press('Enter')

    await page.locator('#allow').waitFor()
    await expectReadable(page)
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('deny')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('allow')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${stage.notes.redirectUri}?*`)
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/^authz_/)
    expect(pageErrors).toEqual({ errors: [], failedResponses: ['401 /auth/login'] })
    await context.close()
  })

  it('sign a user in and out without an application', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(`${stage.server.issuer}/auth/login`)
    expect(await page.locator('#cancel').count()).toBe(0)
    await page.fill('#email', OWNER.email)
    await page.fill('#password', OWNER.password)
    await page.click('#sign-in')
    await page.locator('text=Ada Lovelace').waitFor()
    await page.click('#sign-out')
    await page.waitForURL('**/oauth2/logout')
    expect(await page.textContent('h1')).toBe('You are signed out')
    await page.goto(`${stage.server.issuer}/auth/login`)
    await page.locator('#email').waitFor()
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it.each([
    ['another host', 'http://notes.invalid/callback'],
    ['another scheme', 'https://127.0.0.1/callback'],
    ['another path', 'ORIGIN/callback/more'],
    ['a trailing slash', 'ORIGIN/callback/'],
    ['a query', 'ORIGIN/callback?more'],
    ['a fragment', 'ORIGIN/callback#more'],
    ['the right host as a user name', 'http://127.0.0.1@notes.invalid/callback'],
    ['a way out of the path', 'ORIGIN/callback/../elsewhere'],
    ['a script', 'javascript:alert(1)'],
  ])('show an error and do not redirect if the redirect URI was changed: %s', async (_, template) => {
    const { context, page, pageErrors } = await stage.openPage()
    const asked: string[] = []
    context.on('request', (request) => asked.push(new URL(request.url()).origin))
    const redirectUri = template.replace('ORIGIN', stage.notes.origin)
    const answer = await page.goto(stage.authorizeUrl({ redirect_uri: redirectUri }))
    expect(answer?.status()).toBe(400)
    expect(await page.textContent('#error-code')).toBe('redirect_uri_mismatch')
    expect(await page.locator('a').count()).toBe(0)
    expect(new Set(asked)).toEqual(new Set([stage.server.issuer]))
    expect(pageErrors.errors).toEqual([])
    await context.close()
  })
})

/** The brightness of `rgb(r, g, b)`, from 0 to 255. */
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number)
  return (red + green + blue) / 3
}
