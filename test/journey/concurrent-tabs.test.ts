import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment } from './browser-environment.ts'

describeInChromium('A browser that does not go straight ahead', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment({ requireConsent: true })
  })
  afterAll(() => stage.close())

  const status = (page: Page, text: string) => page.locator('#status', { hasText: text }).waitFor()

  it('signs in in two tabs at the same time', async () => {
    const { context, page: left, pageErrors } = await stage.openPage()
    const right = await context.newPage()
    for (const tab of [left, right]) {
      await tab.goto(stage.notes.origin)
      await tab.click('#login')
      await tab.locator('#email').waitFor()
    }
    await signIn(left)
    await left.locator('#allow').waitFor()
    await signIn(right)
    await right.locator('#allow').waitFor()
    for (const tab of [left, right]) {
      await tab.click('#allow')
      await status(tab, 'logged in')
    }
    for (const tab of [left, right]) {
      await tab.click('#refresh')
      await status(tab, 'refreshed')
    }
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('does not use the consent of one user for another', async () => {
    const ben = await stage.server.addPerson('ben@acme.test')
    const { context, page: left, pageErrors } = await stage.openPage()
    await left.goto(stage.authorizeUrl())
    await signIn(left)
    await left.locator('#allow').waitFor()
    const right = await context.newPage()
    await right.goto(stage.authorizeUrl({ prompt: 'login' }))
    await signIn(right, ben)
    await right.locator('#allow').waitFor()

    await left.click('#allow')
    await left.locator('#error-code').waitFor()
    expect(new URL(left.url()).origin).toBe(stage.server.issuer)
    await left.goBack()
    await left.locator('#allow').waitFor()
    expect(await left.textContent('.account')).toContain(ben.email)
    expect(pageErrors).toEqual({ errors: [], failedResponses: ['403 /oauth2/consent'] })
    await context.close()
  })

  it('shows that all is done after going back from the application, and can start again', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(stage.notes.origin)
    await page.click('#login')
    await signIn(page)
    await page.click('#allow')
    await status(page, 'logged in')
    await page.goBack()
    expect(new URL(page.url()).origin).toBe(stage.server.issuer)
    expect(await page.textContent('h1')).toBe('All done')
    await page.goBack()
    expect(await page.textContent('h1')).toBe('All done')
    await page.goto(stage.notes.origin)
    await page.click('#login')
    await page.click('#allow')
    await status(page, 'logged in')
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('revokes the tokens when the callback is loaded again and sends the code twice', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(stage.notes.origin)
    await page.click('#login')
    await signIn(page)
    const exchange = page.waitForRequest('**/oauth2/token')
    await page.click('#allow')
    const form = (await exchange).postData() ?? ''
    await status(page, 'logged in')
    const replay = (path: string, body: string) =>
      page.evaluate(
        async ([url = '', content = '']) => {
          const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
          const response = await fetch(url, { method: 'POST', headers, body: content })
          return { status: response.status, body: (await response.json()) as Record<string, string> }
        },
        [`${stage.server.issuer}${path}`, body],
      )
    const again = await replay('/oauth2/token', form)
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(again.body['error_description']).toMatch(/used/)
    await page.click('#refresh')
    await status(page, 'invalid_grant')
    // The application no longer has its verifier, and shows an error.
    await page.reload()
    await status(page, 'to another question')
    expect(pageErrors).toEqual({ errors: [], failedResponses: ['400 /oauth2/token', '400 /oauth2/token'] })
    await context.close()
  })
})
