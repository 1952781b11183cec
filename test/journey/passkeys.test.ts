import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { signIn, startBrowserEnvironment, type BrowserEnvironment } from './browser-environment.ts'
import { describeInChromium } from './chromium.ts'

describeInChromium('Passkeys', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment({ requireConsent: false })
  })
  afterAll(() => stage.close())

  /** A device that verifies its user by itself. `automatically`: the user agrees to each request at once. */
  async function addAuthenticator(context: BrowserContext, page: Page) {
    const session = await context.newCDPSession(page)
    await session.send('WebAuthn.enable')
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: false,
      },
    })
    return {
      count: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
      answer: (enabled: boolean) =>
        session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    }
  }

  it('are added, and sign in by the button and by autofill', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    const device = await addAuthenticator(context, page)
    await page.goto(`${stage.server.issuer}/account/passkeys`)
    await signIn(page)
    await page.locator('#passkey').waitFor()
    await device.answer(true)
    await page.click('#passkey')
    await page.waitForURL('**/account/passkeys?done=added')
    expect(await page.locator('section h2').count()).toBe(1)
    await device.answer(false)

    // The button, for an application.
    await context.clearCookies()
    await page.goto(stage.authorizeUrl())
    await page.locator('#passkey').waitFor()
    await device.answer(true)
    await page.click('#passkey')
    await page.waitForURL(`${stage.notes.redirectUri}?*`)
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/^authz_/)

    // Autofill: the device of the test chooses the passkey that the browser offers in the field.
    await context.clearCookies()
    await page.goto(stage.authorizeUrl())
    await page.waitForURL(`${stage.notes.redirectUri}?*`)
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/^authz_/)

    // After a removal, the browser hides the passkey.
    await page.goto(`${stage.server.issuer}/account/passkeys`)
    await page.click('summary')
    await page.click('button[value=remove]')
    await page.waitForURL('**/account/passkeys?done=removed')
    await eventually(device.count, (count) => count === 0)
    expect(pageErrors.errors).toEqual([])
    await context.close()
  })

  it('are not offered without JavaScript', async () => {
    const { context, page } = await stage.openPage({ javaScriptEnabled: false })
    await page.goto(stage.authorizeUrl())
    expect(await page.locator('#passkey').isVisible()).toBe(false)
    await signIn(page, OWNER)
    await page.waitForURL(`${stage.notes.redirectUri}?*`)
    await page.goto(`${stage.server.issuer}/account/passkeys`)
    expect(await page.locator('#passkey').isVisible()).toBe(false)
    expect(await page.locator('noscript').textContent()).toContain('JavaScript')
    await context.close()
  })
})
