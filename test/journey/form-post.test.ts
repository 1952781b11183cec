import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment } from './browser-environment.ts'

/** RFC 7636, appendix B: the verifier of the challenge in the request. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

describeInChromium('OAuth 2.0 Form Post Response Mode §2', () => {
  let stage: BrowserEnvironment
  beforeAll(async () => {
    stage = await startBrowserEnvironment()
  })
  afterAll(() => stage.close())

  async function expectPosted(page: Page): Promise<void> {
    await page.waitForURL(`${stage.notes.origin}/?posted`)
    const [answer, ...more] = stage.notes.posted.splice(0)
    expect(more).toEqual([])
    expect([...(answer?.keys() ?? [])].toSorted()).toEqual(['code', 'iss', 'session_state', 'state'])
    expect(answer?.get('state')).toBe('a-state')
    expect(answer?.get('iss')).toBe(stage.server.issuer)
    const tokens = await fetch(`${stage.server.issuer}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: answer?.get('code') ?? '',
        redirect_uri: stage.notes.redirectUri,
        client_id: stage.clientId,
        code_verifier: VERIFIER,
      }),
    })
    expect(tokens.status).toBe(200)
  }

  it('posts the response to the application automatically', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(stage.authorizeUrl({ response_mode: 'form_post' }))
    await signIn(page)
    await expectPosted(page)
    // From here on no page is needed: the first response posts the form.
    await page.goto(stage.authorizeUrl({ response_mode: 'form_post' }))
    await expectPosted(page)
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('posts the response when the user presses the button, without JavaScript', async () => {
    const { context, page } = await stage.openPage({ javaScriptEnabled: false })
    await page.goto(stage.authorizeUrl({ response_mode: 'form_post' }))
    await signIn(page)
    expect(await page.textContent('main')).toContain(new URL(stage.notes.origin).host)
    expect(stage.notes.posted).toEqual([])
    await page.click('#continue')
    await expectPosted(page)
    await context.close()
  })

  it('posts an error in the same way', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(stage.authorizeUrl({ response_mode: 'form_post', prompt: 'none' }))
    await page.waitForURL(`${stage.notes.origin}/?posted`)
    const [answer] = stage.notes.posted.splice(0)
    expect(answer?.get('error')).toBe('login_required')
    expect(answer?.has('code')).toBe(false)
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })
})
