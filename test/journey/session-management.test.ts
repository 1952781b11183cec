import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenOnLoopback, type LoopbackServer } from '../support/journey-server.ts'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment } from './browser-environment.ts'

describeInChromium('OpenID Connect Session Management §3', () => {
  let stage: BrowserEnvironment
  let application: LoopbackServer
  let redirectUri: string
  let clientId: string
  beforeAll(async () => {
    application = await listenOnLoopback((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<title>Application</title>')
    })
    redirectUri = `http://localhost:${application.port}/callback`
    stage = await startBrowserEnvironment()
    const client = await stage.server.registerClient({ name: 'App', redirectUris: [redirectUri] })
    clientId = client.clientId
  })
  afterAll(async () => {
    await stage.close()
    await application.close()
  })

  const authorizeUrl = (more: Record<string, string> = {}) =>
    stage.authorizeUrl({ client_id: clientId, redirect_uri: redirectUri, ...more })
  const sessionStateOf = (page: Page) => new URL(page.url()).searchParams.get('session_state') ?? ''

  /** Embeds the page of the server once, and posts this message to it. */
  async function tell(page: Page, message: string): Promise<unknown> {
    return page.evaluate(
      async ({ src, origin, said }) => {
        let frame = document.querySelector('iframe')
        if (!frame) {
          frame = document.createElement('iframe')
          frame.src = src
          document.body.append(frame)
          await new Promise((resolve) => frame?.addEventListener('load', resolve))
        }
        const heard = new Promise((resolve) => {
          addEventListener('message', (event) => event.origin === origin && resolve(event.data), { once: true })
        })
        frame.contentWindow?.postMessage(said, origin)
        return heard
      },
      { src: `${stage.server.issuer}/oauth2/check-session`, origin: stage.server.issuer, said: message },
    )
  }

  it('an application detects that its user signs out in another tab, and in again', async () => {
    const { context, page, pageErrors } = await stage.openPage()
    await page.goto(authorizeUrl())
    await signIn(page)
    await page.waitForURL(`${redirectUri}*`)
    const message = `${clientId} ${sessionStateOf(page)}`
    expect(await tell(page, message)).toBe('unchanged')
    expect(await tell(page, 'nonsense')).toBe('error')
    expect(await tell(page, `${clientId}x ${sessionStateOf(page)}`)).toBe('changed')

    const other = await context.newPage()
    await other.goto(`${stage.server.issuer}/oauth2/logout`)
    expect(await tell(page, message)).toBe('unchanged')
    await other.click('#sign-out')
    await other.locator('text=You are signed out').waitFor()
    expect(await tell(page, message)).toBe('changed')

    await page.goto(authorizeUrl({ prompt: 'none' }))
    expect(new URL(page.url()).searchParams.get('error')).toBe('login_required')
    const signedOut = `${clientId} ${sessionStateOf(page)}`
    expect(await tell(page, signedOut)).toBe('unchanged')
    await other.goto(`${stage.server.issuer}/auth/login`)
    await signIn(other)
    await other.locator('#sign-out').waitFor()
    expect(await tell(page, signedOut)).toBe('changed')
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })
})
