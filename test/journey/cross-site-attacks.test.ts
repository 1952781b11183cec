import { afterAll, beforeAll, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { listenOnLoopback, type LoopbackServer } from '../support/journey-server.ts'
import { describeInChromium } from './chromium.ts'
import { startBrowserEnvironment, signIn, type BrowserEnvironment } from './browser-environment.ts'

describeInChromium('A page of an attacker', () => {
  let stage: BrowserEnvironment
  let site: LoopbackServer
  let page = ''
  beforeAll(async () => {
    stage = await startBrowserEnvironment({ requireConsent: true })
    site = await listenOnLoopback((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page))
  })
  afterAll(async () => {
    await stage.close()
    await site.close()
  })

  // Another site, and another origin of the same site. The browser sends cookies for the second.
  const hosts = ['127.0.0.1', 'localhost']

  it.each(hosts)('cannot show the sign-in page in a frame, from %s', async (host) => {
    const { context, page: tab, pageErrors } = await stage.openPage()
    page = `<iframe src="${stage.authorizeUrl()}"></iframe>`
    await tab.goto(`http://${host}:${site.port}`, { waitUntil: 'load' })
    await expect.poll(() => pageErrors.errors.length).toBeGreaterThan(0)
    const [, frame] = tab.frames()
    expect(await frame?.locator('#password').count()).toBe(0)
    expect(pageErrors.errors.join()).toMatch(/frame-ancestors 'none'/)
    await context.close()
  })

  it.each(hosts)('cannot sign a browser in as another user by a form, from %s', async (host) => {
    const { context, page: tab } = await stage.openPage()
    // With a CSRF token of another browser, which an attacker can obtain.
    const own = await (await fetch(`${stage.server.issuer}/auth/login`)).text()
    const token = /name="csrf" value="([^"]+)"/.exec(own)?.[1] ?? ''
    expect(token).not.toBe('')
    await tab.goto(`${stage.server.issuer}/auth/login`)
    page = `<form method="post" action="${stage.server.issuer}/auth/login">
      <input name="email" value="${OWNER.email}"><input name="password" value="${OWNER.password}">
      <input name="csrf" value="${token}"><input name="action" value="sign-in">
      </form><script>document.forms[0].submit()</script>`
    const answered = tab.waitForResponse((response) => response.request().method() === 'POST')
    await tab.goto(`http://${host}:${site.port}`)
    expect((await answered).status()).toBe(403)
    await tab.locator('#error-summary').waitFor()
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['cerb_browser'])
    await context.close()
  })

  it.each(hosts)('cannot give consent for a user, from %s', async (host) => {
    const { context, page: tab } = await stage.openPage()
    await tab.goto(stage.authorizeUrl())
    await signIn(tab)
    await tab.locator('#allow').waitFor()
    const form = await tab.locator('form').innerHTML()
    const consent = tab.url()
    // Even with every field valid, as only the page itself can have them.
    page = `<form method="post" action="${stage.server.issuer}/oauth2/consent">${form}</form>
      <script>document.getElementById('allow').click()</script>`
    const answered = tab.waitForResponse((response) => response.request().method() === 'POST')
    await tab.goto(`http://${host}:${site.port}`)
    expect((await answered).status()).toBeGreaterThanOrEqual(400)
    await tab.goto(consent)
    await tab.locator('#allow').waitFor()
    await context.close()
  })

  it.each(hosts)('cannot use the session of a user for the API, from %s', async (host) => {
    const { context, page: tab } = await stage.openPage()
    await tab.goto(`${stage.server.issuer}/auth/login`)
    await signIn(tab)
    await tab.locator('#sign-out').waitFor()
    page = '<p>Look at the cat.</p>'
    await tab.goto(`http://${host}:${site.port}`)
    const client = '{"name":"Mine","clientType":"public","redirectUris":["https://cat.example"]}'
    const outcomes = await tab.evaluate(
      async ([issuer = '', body = '']) => {
        const send = (path: string, init: RequestInit) =>
          fetch(`${issuer}${path}`, { method: 'POST', credentials: 'include', ...init }).then(
            (response) => response.type,
            () => 'blocked',
          )
        return [
          await send('/v1/auth/logout', { mode: 'no-cors' }),
          await send('/v1/admin/clients', { mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body }),
          await send('/v1/admin/clients', { headers: { 'Content-Type': 'application/json' }, body }),
          await send('/v1/me/profile', { method: 'GET' }),
          await send('/v1/auth/session', { method: 'DELETE' }),
        ]
      },
      [stage.server.issuer, client],
    )
    expect(outcomes).toEqual(['opaque', 'opaque', 'blocked', 'blocked', 'blocked'])
    expect(await stage.server.database.prisma.client.count({ where: { name: 'Mine' } })).toBe(0)
    await tab.goto(`${stage.server.issuer}/auth/login`)
    await tab.locator('#sign-out').waitFor()
    await context.close()
  })
})
