import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())
beforeEach(async () => {
  client = await test.registerClient({ requireConsent: true })
  rp = relyingParty(test, client)
  browser = await test.signedInBrowser()
})

const isAsked = () => browser.page.statusCode === 200 && browser.page.body.includes('value="allow"')
const consents = async () => {
  const { prisma } = test.database
  return (await prisma.consent.findMany({ where: { clientId: client.id } })).map(({ scopes }) => scopes)
}

describe('RFC 6749 §4.1.1 the resource owner decides', () => {
  it('is asked, and a code is issued when they agree', async () => {
    await browser.get(rp.authorizeUrl())
    expect(isAsked()).toBe(true)
    await browser.submit({}, 'allow')
    expect(browser.url.startsWith(`${REDIRECT_URI}?`)).toBe(true)
    expect(Object.fromEntries(browser.answer())).toEqual({
      code: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
    expect(await consents()).toEqual([['openid', 'profile', 'email']])
  })

  it.each(['query', 'fragment'])('refuses with access_denied, state and iss when they deny (%s)', async (mode) => {
    await browser.get(rp.authorizeUrl({ response_mode: mode }))
    await browser.submit({}, 'deny')
    expect(Object.fromEntries(browser.answer())).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
    expect(await consents()).toEqual([])
    await browser.get(rp.authorizeUrl())
    expect(isAsked()).toBe(true)
  })

  it('treats an unknown action as denied', async () => {
    await browser.get(rp.authorizeUrl())
    await browser.submit({}, 'maybe')
    expect(browser.answer().get('error')).toBe('access_denied')
  })

  it('refuses with access_denied when they cancel at sign-in', async () => {
    const stranger = test.browser()
    await stranger.get(rp.authorizeUrl())
    await stranger.submit({}, 'cancel')
    expect(Object.fromEntries(stranger.answer())).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
    expect(stranger.cookies.has('cerb_sid')).toBe(false)
  })

  it('records both decisions', async () => {
    await browser.get(rp.authorizeUrl())
    await browser.submit({}, 'deny')
    test.clock.advance(1)
    await browser.get(rp.authorizeUrl())
    await browser.submit({}, 'allow')
    const events = await test.database.prisma.auditEvent.findMany({
      where: { clientId: client.id, type: { startsWith: 'oauth2.consent' } },
      orderBy: { occurredAt: 'asc' },
    })
    expect(events.map(({ type, success }) => [type, success])).toEqual([
      ['oauth2.consent.denied', false],
      ['oauth2.consent.granted', true],
    ])
  })
})

describe('OpenID Connect Core §3.1.2.4 consent', () => {
  beforeEach(async () => {
    await browser.get(rp.authorizeUrl({ scope: 'openid email' }))
    await browser.submit({}, 'allow')
  })

  it.each(['openid email', 'openid', 'email openid'])('is remembered for %s', async (scope) => {
    await browser.get(rp.authorizeUrl({ scope }))
    expect(browser.answer().get('code')).not.toBeNull()
    await browser.get(rp.authorizeUrl({ scope, prompt: 'none' }))
    expect(browser.answer().get('code')).not.toBeNull()
  })

  it('is asked for again when more scopes are requested, and then covers all of them', async () => {
    await browser.get(rp.authorizeUrl({ scope: 'openid profile', prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('consent_required')
    await browser.get(rp.authorizeUrl({ scope: 'openid profile' }))
    expect(isAsked()).toBe(true)
    await browser.submit({}, 'allow')
    await browser.get(rp.authorizeUrl({ scope: 'openid profile email' }))
    expect(browser.answer().get('code')).not.toBeNull()
  })

  it('is asked for again with prompt=consent', async () => {
    await browser.get(rp.authorizeUrl({ scope: 'openid email', prompt: 'consent' }))
    expect(isAsked()).toBe(true)
    await browser.submit({}, 'allow')
    expect(browser.answer().get('code')).not.toBeNull()
  })

  it('stays stored when a later request is denied', async () => {
    await browser.get(rp.authorizeUrl({ scope: 'openid email', prompt: 'consent' }))
    await browser.submit({}, 'deny')
    expect(browser.answer().get('error')).toBe('access_denied')
    await browser.get(rp.authorizeUrl({ scope: 'openid email', prompt: 'none' }))
    expect(browser.answer().get('code')).not.toBeNull()
  })

  it('applies to one client only', async () => {
    const other = await test.registerClient({ requireConsent: true })
    await browser.get(relyingParty(test, other).authorizeUrl({ scope: 'openid email' }))
    expect(isAsked()).toBe(true)
  })

  it('is not required if the client is first-party or requires no consent', async () => {
    for (const settings of [{ requireConsent: false }, { requireConsent: true, isFirstParty: true }]) {
      await browser.get(relyingParty(test, await test.registerClient(settings)).authorizeUrl())
      expect(browser.answer().get('code')).not.toBeNull()
    }
  })
})

describe('a client without remembered consent', () => {
  it('shows the consent page at every request, and returns consent_required with prompt=none', async () => {
    const asking = await test.registerClient({ requireConsent: true, rememberConsent: false })
    const { authorizeUrl } = relyingParty(test, asking)
    for (let visit = 0; visit < 2; visit += 1) {
      await browser.get(authorizeUrl({ scope: 'openid' }))
      expect(isAsked()).toBe(true)
      await browser.submit({}, 'allow')
      expect(browser.answer().get('code')).not.toBeNull()
    }
    await browser.get(authorizeUrl({ scope: 'openid', prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('consent_required')
  })

  it('remembers consent again when it is allowed, and skips the page where no consent is required', async () => {
    const asking = await test.registerClient({ requireConsent: true, rememberConsent: false })
    const { authorizeUrl } = relyingParty(test, asking)
    await browser.get(authorizeUrl())
    await browser.submit({}, 'allow')
    const set = async (settings: object) => {
      const headers = { cookie: await test.signIn() }
      const url = `/v1/admin/clients/${asking.id}`
      const answer = await test.app.inject({ method: 'PATCH', url, headers, payload: settings })
      expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining(settings)])
    }
    await set({ rememberConsent: true })
    await browser.get(authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('code')).not.toBeNull()
    await set({ rememberConsent: false, requireConsent: false })
    await browser.get(authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('code')).not.toBeNull()
  })
})

describe('RFC 8252 §8.6 a native application is not identified by its redirect URI', () => {
  it.each([
    ['http://127.0.0.1/callback', 'http://127.0.0.1:50123/callback'],
    ['http://[::1]/callback', 'http://[::1]:50123/callback'],
    ['http://localhost:3000/callback', 'http://localhost:3000/callback'],
    ['com.example.app:/callback', 'com.example.app:/callback'],
  ])('a public client at %s asks every time', async (registered, redirectUri) => {
    const native = relyingParty(
      test,
      await test.registerClient({ requireConsent: true, redirectUris: [registered] }),
    ).authorizeUrl
    for (let visit = 0; visit < 2; visit += 1) {
      await browser.get(native({ redirect_uri: redirectUri }))
      expect(isAsked()).toBe(true)
      await browser.submit({}, 'allow')
      expect(browser.url.startsWith(`${redirectUri}?`)).toBe(true)
      expect(browser.answer().get('code')).not.toBeNull()
    }
    await browser.get(native({ redirect_uri: redirectUri, prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('consent_required')
  })

  it('a confidential client on the same machine is remembered', async () => {
    const settings = { requireConsent: true, clientType: 'confidential', redirectUris: ['http://localhost:3000/cb'] }
    const url = relyingParty(test, await test.registerClient(settings)).authorizeUrl({
      redirect_uri: 'http://localhost:3000/cb',
    })
    await browser.get(url)
    await browser.submit({}, 'allow')
    await browser.get(url)
    expect(browser.answer().get('code')).not.toBeNull()
  })
})

describe('RFC 8252 §7.1 the consent page names who receives the response', () => {
  it.each([
    ['com.evil.app:/cb', 'opens com.evil.app: links'],
    ['com.evil.app://bank.example/cb', 'opens com.evil.app: links'],
    ['com.evil.app://bank.example:443', 'opens com.evil.app: links'],
    ['com.evil.app:///bank.example', 'opens com.evil.app: links'],
    ['https://bank.example:8443/cb', 'sent to bank.example:8443'],
    ['http://127.0.0.1:3000/cb', 'sent to 127.0.0.1:3000'],
  ])('%s: %s', async (redirectUri, words) => {
    const native = await test.registerClient({ requireConsent: true, redirectUris: [redirectUri] })
    await browser.get(relyingParty(test, native).authorizeUrl({ redirect_uri: redirectUri }))
    const text = browser.page.body.replaceAll(/<style>[^]*?<\/style>|<[^>]+>/g, '')
    expect(text).toContain(words)
    expect(text.includes('bank.example')).toBe(words.includes('bank.example'))
  })
})

describe('the consent page', () => {
  it('shows the client, the user and the redirect host as text', async () => {
    const hostile = await test.registerClient({ requireConsent: true, name: '<img src=x onerror=alert(1)>' })
    await browser.get(relyingParty(test, hostile).authorizeUrl())
    const { body } = browser.page
    expect(body).toContain('&lt;img src=x')
    expect(body).not.toContain('<img src=x')
    expect(body).toContain(OWNER.email)
    expect(body).toContain('app.example.com')
  })
})
