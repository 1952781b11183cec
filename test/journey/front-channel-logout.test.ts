import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenOnLoopback, type LoopbackServer } from '../support/journey-server.ts'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment, type BrowserVisit } from './browser-environment.ts'

describeInChromium('OpenID Connect Front-Channel Logout §2, §3', () => {
  let stage: BrowserEnvironment
  let silent: LoopbackServer
  const ended: string[] = []
  let application: LoopbackServer
  /** The application keeps its own session on this host, like a server-side application. */
  beforeAll(async () => {
    application = await listenOnLoopback((request, response) => {
      if (request.url?.startsWith('/end') === true) ended.push(`${request.url} ${request.headers.cookie ?? ''}`)
      response.setHeader('content-type', 'text/html')
      response.end('<title>Application</title>')
    })
    silent = await listenOnLoopback((request, response) => {
      if (request.url !== undefined && !request.url.startsWith('/never')) response.end('Application')
    })
    stage = await startBrowserEnvironment()
    await register('App', application.port, '/end')
    await register('Silent', silent.port, '/never')
  })
  afterAll(async () => {
    await stage.close()
    await application.close()
    await silent.close()
  })

  const clients = new Map<string, { clientId: string; redirectUri: string; afterwards: string }>()

  async function register(name: string, port: number, path: string): Promise<void> {
    const origin = `http://localhost:${port}`
    const afterwards = `http://localhost:${application.port}/bye`
    const redirectUri = `${origin}/callback`
    const { clientId } = await stage.server.registerClient({
      name,
      redirectUris: [redirectUri],
      postLogoutRedirectUris: [afterwards],
      frontchannelLogoutUri: `${origin}${path}`,
      frontchannelLogoutSessionRequired: true,
    })
    clients.set(name, { clientId, redirectUri, afterwards })
  }

  /** Signs in at this client, in a browser with a session of the application. */
  async function signedIn(
    name: string,
    options: Parameters<BrowserEnvironment['openPage']>[0] = {},
  ): Promise<BrowserVisit> {
    const { clientId, redirectUri } = clients.get(name) ?? { clientId: '', redirectUri: '' }
    const visit = await stage.openPage(options)
    await visit.context.addCookies([{ name: 'app', value: 'yes', domain: 'localhost', path: '/' }])
    await visit.page.goto(stage.authorizeUrl({ client_id: clientId, redirect_uri: redirectUri }))
    await signIn(visit.page)
    await visit.page.waitForURL(`${redirectUri}*`)
    return visit
  }
  const logoutUrl = (name: string) => {
    const { clientId, afterwards } = clients.get(name) ?? { clientId: '', afterwards: '' }
    const query = new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: afterwards, state: 's' })
    return `${stage.server.issuer}/oauth2/logout?${query}`
  }

  it('logs out of the application with its cookies, then redirects as the client requested', async () => {
    const { context, page, pageErrors } = await signedIn('App')
    await page.goto(logoutUrl('App'))
    await page.click('#sign-out')
    await page.waitForURL('**/bye?state=s')
    const [request = '', ...more] = ended.splice(0)
    expect(more).toEqual([])
    expect(request).toMatch(/^\/end\?iss=http%3A%2F%2Flocalhost%3A\d+&sid=[0-9a-f-]{36} .*app=yes/)
    expect(pageErrors).toEqual({ errors: [], failedResponses: [] })
    await context.close()
  })

  it('does not wait for an application that does not respond', async () => {
    const { context, page } = await signedIn('Silent')
    await page.goto(logoutUrl('Silent'))
    await page.click('#sign-out', { noWaitAfter: true })
    await page.waitForURL('**/bye?state=s')
    expect(await page.title()).toBe('Application')
    await context.close()
  })

  it('logs out of the application without JavaScript too, and continues with a link', async () => {
    const { context, page } = await signedIn('App', {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      locale: 'de-DE',
    })
    await page.goto(logoutUrl('App'))
    await page.click('#sign-out')
    expect(await page.textContent('main')).toContain('auch von Ihren Anwendungen abgemeldet')
    await page.click('#continue')
    await page.waitForURL('**/bye?state=s')
    expect(ended.splice(0)).toHaveLength(1)
    await context.close()
  })
})
