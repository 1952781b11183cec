import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInChromium } from './chromium.ts'
import { signIn, startBrowserEnvironment, type BrowserEnvironment } from './browser-environment.ts'

describeInChromium('The API reference at /docs', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment()
  })
  afterAll(() => stage.close())

  const open = async (page: Page, fragment = '') => {
    await page.goto(`${stage.server.issuer}/docs${fragment}`)
    await page.locator('.opblock').first().waitFor()
  }
  const summaries = (page: Page) => page.locator('.opblock-summary-description').allTextContents()

  it('starts with how to authenticate, and loads from this origin only', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    const origins = new Set<string>()
    context.on('request', (request) => {
      if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin)
    })
    await open(page)
    expect(await page.locator('.info h2').allTextContents()).toContain('How to authenticate')
    expect(origins).toEqual(new Set([stage.server.issuer]))
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('finds operations by words of their summary, path or description', async () => {
    const { context, page } = await stage.openPage()
    await open(page)
    const [first] = await summaries(page)
    await page.getByLabel('Search operations').fill('/oauth2/introspect')
    await expect.poll(() => summaries(page)).toEqual(['Introspect a token'])
    await page.getByLabel('Search operations').fill('get /v1/me/sessions')
    await expect.poll(async () => (await summaries(page)).length).toBe(1)
    await page.getByLabel('Search operations').fill('')
    // Of a long list, Swagger UI renders what the window shows.
    await expect.poll(async () => (await summaries(page))[0]).toBe(first)
    await page.evaluate(() => document.querySelector('.operations-virtual')?.scrollIntoView({ block: 'end' }))
    await expect.poll(() => summaries(page)).toContain('Continue a pending authorization request')
    await context.close()
  })

  it('shows a curl command, and tries a request with the session of the browser', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(`${stage.server.issuer}/auth/login`)
    await signIn(page)
    await page.locator('text=Ada Lovelace').waitFor()
    await open(page)
    await page.getByLabel('Search operations').fill('get /v1/me/profile')
    const operation = page.locator('.opblock', { has: page.locator('[data-path="/v1/me/profile"]') }).first()
    await operation.locator('.opblock-summary-control').click()
    expect(await operation.locator('.curl-example').textContent()).toContain(
      `curl ${stage.server.issuer}/v1/me/profile`,
    )
    await operation.getByText('Try it out').click()
    await operation.locator('button.execute').click()
    await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
    expect(await operation.locator('.live-responses-table').textContent()).toContain('Lovelace')
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('shows the problem type in the fragment', async () => {
    const { context, page } = await stage.openPage()
    await open(page, '#problem-conflict')
    await expect
      .poll(() =>
        page.locator('#problem-conflict').evaluate((entry) => {
          const { top } = entry.getBoundingClientRect()
          return top >= 0 && top < innerHeight
        }),
      )
      .toBe(true)
    await context.close()
  })

  it('explains without JavaScript where the OpenAPI document is', async () => {
    const { context, page } = await stage.openPage({ javaScriptEnabled: false })
    await page.goto(`${stage.server.issuer}/docs`)
    expect(await page.locator('h1').textContent()).toBe('The API reference needs JavaScript')
    expect(await page.locator('.notice a').getAttribute('href')).toBe('/openapi.json')
    expect(await page.locator('#problem-conflict').isVisible()).toBe(true)
    await context.close()
  })

  it.each([
    ['a phone', { width: 390, height: 844 }],
    ['a desktop', { width: 1280, height: 900 }],
  ])('fits %s', async (_, viewport) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { context, page } = await stage.openPage({ viewport, colorScheme })
      await open(page)
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return scrollWidth - clientWidth
      })
      expect([colorScheme, overflow]).toEqual([colorScheme, 0])
      await context.close()
    }
  })
})
