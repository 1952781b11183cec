import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty, REDIRECT_URI } from '../../support/relying-party.ts'

const LOGOUT = '/oauth2/logout'
const APP = 'https://app.example.com'
const AFTERWARDS = `${APP}/signed-out`

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const register = (settings: object = {}) =>
  api.registerClient({
    postLogoutRedirectUris: [AFTERWARDS],
    frontchannelLogoutUri: `${APP}/end?by=cerberus`,
    ...settings,
  })
const url = (parameters: Record<string, string>) => `${LOGOUT}?${new URLSearchParams(parameters)}`
const policyOf = (browser: Browser) => String(browser.page.headers['content-security-policy'])

/** The URLs of the frames of a page. */
function framesOf(browser: Browser): string[] {
  return [...browser.page.body.matchAll(/<iframe src="([^"]*)"/g)].map(([, src = '']) => src.replaceAll('&amp;', '&'))
}

/** Signs in at each of these clients in one browser, and returns the ID tokens. */
async function signedIn(...clients: RegisteredTestClient[]): Promise<{ browser: Browser; hints: string[] }> {
  const browser = api.browser()
  const hints: string[] = []
  for (const client of clients) hints.push((await relyingParty(api, client).tokens(browser)).id_token)
  return { browser, hints }
}

describe('Front-Channel Logout §2, §3: the page that signs out', () => {
  it('loads the logout URL of the client, and continues', async () => {
    const client = await register()
    const { browser, hints } = await signedIn(client)
    const [hint = ''] = hints
    await browser.get(url({ id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS, state: 's' }))
    expect(browser.page.statusCode).toBe(200)
    expect(framesOf(browser)).toEqual([`${APP}/end?by=cerberus`])
    expect(browser.page.body).toContain(`id="continue" href="${AFTERWARDS}?state=s"`)
    expect(browser.page.body).not.toContain('http-equiv')
    expect(browser.cookies.has('cerb_sid')).toBe(false)
  })

  it('sends iss and sid to a client that requires them', async () => {
    const client = await register({ frontchannelLogoutSessionRequired: true })
    const { browser, hints } = await signedIn(client)
    const [hint = ''] = hints
    await browser.get(url({ id_token_hint: hint }))
    const sid = String(decodeJwt(hint)['sid'])
    expect(sid).toMatch(/^[0-9a-f-]{36}$/)
    const parameters = new URLSearchParams({ iss: ISSUER, sid })
    expect(framesOf(browser)).toEqual([`${APP}/end?by=cerberus&${parameters}`])
  })

  it('loads those of all clients of the session, each once, and of no others', async () => {
    const elsewhere = 'https://other.example.com:8443'
    const clients = [
      await register(),
      await register({
        redirectUris: [REDIRECT_URI, `${elsewhere}/callback`],
        frontchannelLogoutUri: `${elsewhere}/bye`,
      }),
      await register({ frontchannelLogoutUri: null }),
    ] as const
    const unused = await register({ frontchannelLogoutUri: `${APP}/unused` })
    const { browser, hints } = await signedIn(...clients, clients[0])
    await signedIn(unused)
    await browser.get(url({ id_token_hint: hints[2] ?? '' }))
    expect(framesOf(browser)).toEqual([`${APP}/end?by=cerberus`, `${elsewhere}/bye`])
    expect(policyOf(browser)).toContain(`; frame-src ${APP} ${elsewhere}; `)
  })

  it('skips clients without an ID token, and revoked ones', async () => {
    const silent = await register({ frontchannelLogoutUri: `${APP}/silent` })
    const revoked = await register({ frontchannelLogoutUri: `${APP}/revoked` })
    const { browser, hints } = await signedIn(await register(), revoked)
    await relyingParty(api, silent).code(browser, { scope: 'profile' })
    await api.send(api.owner, 'POST', `/v1/admin/clients/${revoked.id}/revoke`)
    await browser.get(url({ id_token_hint: hints[0] ?? '' }))
    expect(framesOf(browser)).toEqual([`${APP}/end?by=cerberus`])
  })

  it('comes after the confirmation, and without a link if there is no redirect URI', async () => {
    const { browser } = await signedIn(await register())
    await browser.get(LOGOUT)
    expect(framesOf(browser)).toEqual([])
    await browser.submit({}, 'sign-out')
    expect(framesOf(browser)).toEqual([`${APP}/end?by=cerberus`])
    expect(browser.page.body).not.toContain('id="continue"')
    expect(browser.page.body).not.toContain('<script')
  })

  it('is a redirect if no client needs a notification', async () => {
    const { browser, hints } = await signedIn(await register({ frontchannelLogoutUri: null }))
    await browser.get(url({ id_token_hint: hints[0] ?? '', post_logout_redirect_uri: AFTERWARDS }))
    expect([browser.page.statusCode, browser.url]).toEqual([302, AFTERWARDS])
  })

  it('runs only its own script', async () => {
    const { browser, hints } = await signedIn(await register())
    await browser.get(url({ id_token_hint: hints[0] ?? '', post_logout_redirect_uri: AFTERWARDS }))
    const [script = ''] = /(?<=<script>)[^]*?(?=<\/script>)/.exec(browser.page.body) ?? []
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(script))).toString('base64')
    expect(policyOf(browser)).toContain(`script-src 'sha256-${digest}'`)
    expect(policyOf(browser)).not.toContain('unsafe')
  })
})

describe('Front-Channel Logout §2: registration', () => {
  it.each([
    ['https://elsewhere.example.com/end', 'must have the scheme, host and port of a redirect URI'],
    ['https://app.example.com:8443/end', 'must have the scheme, host and port of a redirect URI'],
    ['http://app.example.com/end', 'must use https; http is only for localhost, 127.0.0.1 and [::1]'],
    ['https://app.example.com/end#now', 'must not have a fragment'],
    ['/end', 'must be an absolute URI'],
  ])('%s: %s', async (frontchannelLogoutUri, message) => {
    const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', {
      body: { name: 'A', clientType: 'public', redirectUris: [REDIRECT_URI], frontchannelLogoutUri },
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errors: [{ path: ['frontchannelLogoutUri'], message }] })
  })

  it('is validated again when the redirect URIs change', async () => {
    const client = await register()
    const move = (body: object) => api.send(api.owner, 'PATCH', `/v1/admin/clients/${client.id}`, { body })
    const redirectUris = ['https://new.example.com/callback']
    expect((await move({ redirectUris })).statusCode).toBe(400)
    expect((await move({ redirectUris, frontchannelLogoutUri: 'https://new.example.com/end' })).statusCode).toBe(200)
    expect((await move({ frontchannelLogoutUri: null })).json()).toMatchObject({ frontchannelLogoutUri: null })
  })
})
