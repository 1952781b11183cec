import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../support/app.ts'
import { readForm, type Browser } from '../../support/browser.ts'
import { relyingParty } from '../../support/relying-party.ts'

const LOGOUT = '/oauth2/logout'
const AFTERWARDS = 'https://app.example.com/signed-out'
const WITH_QUERY = 'https://app.example.com/bye?from=cerberus'

let api: Api
let client: RegisteredTestClient
let other: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({ postLogoutRedirectUris: [AFTERWARDS, WITH_QUERY] })
  other = await api.registerClient({ postLogoutRedirectUris: ['https://other.example.com/'] })
})
afterAll(() => api.close())

const url = (parameters: Record<string, string>) => `${LOGOUT}?${new URLSearchParams(parameters)}`

/** A browser with a session, and the ID token that the client received for it. */
async function signedIn(of: RegisteredTestClient = client): Promise<{ browser: Browser; hint: string }> {
  const browser = api.browser()
  const { id_token: hint } = await relyingParty(api, of).tokens(browser)
  return { browser, hint }
}

/** The result of a request with prompt=none. */
async function silently(browser: Browser): Promise<string | null> {
  await browser.get(relyingParty(api, client).authorizeUrl({ prompt: 'none' }))
  const answer = browser.answer()
  return answer.get('error') ?? (answer.has('code') ? 'code' : null)
}

describe('RP-Initiated Logout §2: signing out', () => {
  it('needs no confirmation if the hint is of this session, and redirects with state', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(url({ id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS, state: 'a b&c' }))
    expect(browser.page.statusCode).toBe(302)
    expect(browser.url).toBe(`${AFTERWARDS}?state=a+b%26c`)
    expect(browser.cookies.has('cerb_sid')).toBe(false)
    expect(await silently(browser)).toBe('login_required')
  })

  it('ends the session at the server, not only in the browser, and revokes its tokens', async () => {
    const browser = api.browser()
    const rp = relyingParty(api, client)
    const tokens = await rp.tokens(browser)
    const kept = api.browser()
    for (const [name, value] of browser.cookies) kept.cookies.set(name, value)
    await browser.get(url({ id_token_hint: tokens.id_token }))
    expect(await silently(kept)).toBe('login_required')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('accepts a hint that has expired', async () => {
    const { browser, hint } = await signedIn(await api.registerClient({ idTokenLifetime: 1 }))
    api.clock.advance(600)
    await browser.get(url({ id_token_hint: hint }))
    expect(browser.page.statusCode).toBe(200)
    expect(await silently(browser)).toBe('login_required')
  })

  it('works by POST as by GET', async () => {
    const { browser, hint } = await signedIn()
    await browser.post(LOGOUT, { id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS, state: 's' })
    expect(browser.url).toBe(`${AFTERWARDS}?state=s`)
    expect(await silently(browser)).toBe('login_required')
  })

  it('works by POST from another site, whose form never becomes part of an address', async () => {
    const { browser, hint } = await signedIn()
    const form = { id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS, state: 's' }
    // SameSite=Lax: the browser sends no cookies with it.
    const posted = await api.app.inject({
      method: 'POST',
      url: LOGOUT,
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
    })
    expect([posted.statusCode, posted.headers.location, posted.cookies]).toEqual([200, undefined, []])
    expect(readForm(posted.body)).toEqual({ action: LOGOUT, hidden: form })
    expect(await silently(browser)).toBe('code')
    await browser.post(LOGOUT, form, { 'sec-fetch-site': 'same-origin' })
    expect(browser.url).toBe(`${AFTERWARDS}?state=s`)
    expect(await silently(browser)).toBe('login_required')
  })

  it('keeps the query of the registered URI', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(url({ id_token_hint: hint, post_logout_redirect_uri: WITH_QUERY, state: 's' }))
    expect(browser.url).toBe(`${WITH_QUERY}&state=s`)
  })

  it('shows a page without a redirect URI', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(url({ id_token_hint: hint, state: 's' }))
    expect(browser.page.statusCode).toBe(200)
    expect(browser.page.headers['content-type']).toMatch(/^text\/html/)
    expect(browser.page.headers['location']).toBeUndefined()
  })

  it('redirects even after the session has ended', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(url({ id_token_hint: hint }))
    await browser.get(url({ id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS }))
    expect(browser.url).toBe(AFTERWARDS)
  })

  it('adds no state if none was sent', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(url({ id_token_hint: hint, post_logout_redirect_uri: AFTERWARDS }))
    expect(browser.url).toBe(AFTERWARDS)
  })

  it('accepts client_id beside the hint, and a logout_hint', async () => {
    const { browser, hint } = await signedIn()
    const sent = { id_token_hint: hint, client_id: client.clientId, logout_hint: 'owner@acme.test' }
    await browser.get(url({ ...sent, post_logout_redirect_uri: AFTERWARDS }))
    expect(browser.url).toBe(AFTERWARDS)
    expect(await silently(browser)).toBe('login_required')
  })

  it('uses the language of ui_locales', async () => {
    const { browser } = await signedIn()
    await browser.get(url({ ui_locales: 'de' }))
    expect(browser.page.body).toContain('<html lang="de"')
    await browser.submit({}, 'sign-out')
    expect(browser.page.body).toContain('<html lang="de"')
    expect(browser.page.body).toContain('Sie sind abgemeldet')
  })

  it.each([{}, { state: 's' }])('without a session, %j shows the page', async (parameters) => {
    const browser = api.browser()
    await browser.get(url(parameters))
    expect(browser.page.statusCode).toBe(200)
    expect(browser.page.body).toContain('You are signed out')
    expect(browser.page.body).not.toContain('<form')
  })

  it('has no other method', async () => {
    const answer = await api.app.inject({ method: 'DELETE', url: LOGOUT })
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET, POST, HEAD'])
  })
})

describe('RP-Initiated Logout §2, §6: confirmation', () => {
  const cases: [string, (hint: string) => Record<string, string>][] = [
    ['without a hint', () => ({})],
    ['with nothing but state', () => ({ state: 's' })],
    ['with a client, but no hint', () => ({ client_id: client.clientId, post_logout_redirect_uri: AFTERWARDS })],
  ]

  it.each(cases)('%s, and staying keeps the session', async (_, parameters) => {
    const { browser, hint } = await signedIn()
    await browser.get(url(parameters(hint)))
    expect(browser.page.statusCode).toBe(200)
    expect(await silently(browser)).toBe('code')
    await browser.get(url(parameters(hint)))
    await browser.submit({}, 'stay')
    expect(await silently(browser)).toBe('code')
    expect(browser.url).not.toContain(AFTERWARDS)
  })

  it.each(cases)('%s, and agreeing ends it', async (_, parameters) => {
    const { browser, hint } = await signedIn()
    const asked = parameters(hint)
    await browser.get(url(asked))
    await browser.submit({}, 'sign-out')
    expect(browser.url).toBe(asked['post_logout_redirect_uri'] ?? `${ISSUER}${LOGOUT}`)
    expect(await silently(browser)).toBe('login_required')
  })

  it('with a hint of another sign-in of the same user', async () => {
    const elsewhere = await signedIn()
    const { browser } = await signedIn()
    await browser.get(url({ id_token_hint: elsewhere.hint }))
    expect(await silently(browser)).toBe('code')
  })

  it('is not answered by another site', async () => {
    const { browser } = await signedIn()
    await browser.get(LOGOUT)
    const csrf = /name="csrf" value="([^"]*)"/.exec(browser.page.body)?.[1] ?? ''
    const forged: [Record<string, string>, Record<string, string>][] = [
      [{ csrf: 'x'.repeat(43), action: 'sign-out' }, {}],
      [{ action: 'sign-out' }, {}],
      [{ csrf, action: 'sign-out' }, { 'sec-fetch-site': 'cross-site' }],
      [{ csrf, action: 'sign-out' }, { origin: 'https://evil.example.com' }],
    ]
    expect(csrf).not.toBe('')
    for (const [fields, headers] of forged) await browser.post(LOGOUT, fields, headers)
    expect(await silently(browser)).toBe('code')
  })
})

describe('RP-Initiated Logout §2, §4: a hint whose key is gone', () => {
  /** An ID token of before all keys were replaced and removed. */
  async function oldHint(): Promise<string> {
    const { hint } = await signedIn()
    for (let days = 0; days < 40; days += 10) {
      api.clock.advance(10 * 86_400)
      await api.signer.maintain()
    }
    const published = (await api.app.inject('/oauth2/jwks.json')).json<{ keys: { kid: string }[] }>()
    const { kid } = JSON.parse(Buffer.from(hint.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
    expect(published.keys.some((key) => key.kid === kid)).toBe(false)
    return hint
  }

  it('is asked about like a request without one, and agreeing ends the session', async () => {
    const hint = await oldHint()
    for (const more of [{}, { post_logout_redirect_uri: AFTERWARDS }]) {
      const { browser } = await signedIn()
      await browser.get(url({ id_token_hint: hint, ...more }))
      expect(browser.page.statusCode).toBe(200)
      expect(await silently(browser)).toBe('code')
      await browser.get(url({ id_token_hint: hint, ...more }))
      await browser.submit({}, 'sign-out')
      // Nothing in the hint is believed, so the client is unknown and the browser is not redirected.
      expect(browser.url).toBe(`${ISSUER}${LOGOUT}`)
      expect(await silently(browser)).toBe('login_required')
    }
  })

  it('and leads back to the client that is named beside it', async () => {
    const hint = await oldHint()
    const { browser } = await signedIn()
    const sent = { id_token_hint: hint, client_id: client.clientId, post_logout_redirect_uri: AFTERWARDS }
    await browser.get(url(sent))
    await browser.submit({}, 'sign-out')
    expect(browser.url).toBe(AFTERWARDS)
    expect(await silently(browser)).toBe('login_required')
  })

  it('needs a sign-in where an authorization request must not ask (OpenID Connect Core §3.1.2.1)', async () => {
    const hint = await oldHint()
    const { browser } = await signedIn()
    const rp = relyingParty(api, client)
    await browser.get(rp.authorizeUrl({ id_token_hint: hint, prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('login_required')
    await browser.get(rp.authorizeUrl({ id_token_hint: hint }))
    expect(browser.answer().has('code')).toBe(true)
  })
})

describe('RP-Initiated Logout §4: invalid requests show an error page, and end no session', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const part = (token: string, index: number) =>
    JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each<[string, (hint: string) => Promise<Record<string, string>> | Record<string, string>]>([
    [
      'a hint with a foreign signature',
      async (hint) => ({
        id_token_hint: await new SignJWT(part(hint, 1))
          .setProtectedHeader({ ...part(hint, 0), alg: 'RS256' })
          .sign(privateKey),
      }),
    ],
    [
      'a hint that was altered',
      (hint) => {
        const [head = '', , signature = ''] = hint.split('.')
        return { id_token_hint: [head, encode({ ...part(hint, 1), sub: 'another-user' }), signature].join('.') }
      },
    ],
    [
      'a hint of alg none',
      (hint) => ({ id_token_hint: `${encode({ alg: 'none', typ: 'JWT' })}.${hint.split('.')[1]}.` }),
    ],
    ['a hint that is no JWT', () => ({ id_token_hint: 'hint' })],
    [
      'a hint of another issuer, with an unknown key',
      async (hint) => ({
        id_token_hint: await new SignJWT({ ...part(hint, 1), iss: 'https://other.example.com' })
          .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'unknown' })
          .sign(privateKey),
      }),
    ],
    [
      'a hint of another type, with an unknown key',
      async (hint) => ({
        id_token_hint: await new SignJWT(part(hint, 1))
          .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', kid: 'unknown' })
          .sign(privateKey),
      }),
    ],
    [
      'an access token as the hint',
      async () => ({ id_token_hint: (await relyingParty(api, client).tokens()).access_token }),
    ],
    ['a hint of another client than client_id', (hint) => ({ id_token_hint: hint, client_id: other.clientId })],
    [
      'an address that is not registered',
      (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example.com/' }),
    ],
    [
      'an address with a query added',
      (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: `${AFTERWARDS}?next=1` }),
    ],
    ['an address with a path added', (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: `${AFTERWARDS}/x` })],
    [
      'an address of another client',
      (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://other.example.com/' }),
    ],
    [
      'the redirect URI of a sign-in',
      (hint) => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://app.example.com/callback' }),
    ],
  ])('%s', async (_, parameters) => {
    const { browser, hint } = await signedIn()
    const { id_token_hint: sent = '', ...rest } = await parameters(hint)
    await browser.get(url({ post_logout_redirect_uri: AFTERWARDS, state: 's', ...rest, id_token_hint: sent }))
    expect(browser.url.startsWith(ISSUER)).toBe(true)
    expect(browser.page.statusCode).toBe(400)
    expect(browser.page.headers['content-type']).toMatch(/^text\/html/)
    expect(browser.page.headers['location']).toBeUndefined()
    expect(await silently(browser)).toBe('code')
  })

  it('a parameter that is sent twice', async () => {
    const { browser, hint } = await signedIn()
    await browser.get(`${url({ id_token_hint: hint, state: 'a' })}&state=b`)
    expect(browser.page.statusCode).toBe(400)
    expect(await silently(browser)).toBe('code')
  })

  it('does not redirect without confirmation for a client_id alone', async () => {
    const browser = api.browser()
    await browser.get(url({ client_id: client.clientId, post_logout_redirect_uri: AFTERWARDS }))
    expect([browser.page.statusCode, browser.page.headers['location']]).toEqual([200, undefined])
    expect(browser.page.body).toContain(`href="${AFTERWARDS}"`)
  })

  it('does not redirect for an unknown client', async () => {
    const { browser } = await signedIn()
    await browser.get(url({ post_logout_redirect_uri: AFTERWARDS }))
    await browser.submit({}, 'sign-out')
    expect(browser.url.startsWith(ISSUER)).toBe(true)
    expect(browser.page.body).not.toContain(AFTERWARDS)
  })
})
