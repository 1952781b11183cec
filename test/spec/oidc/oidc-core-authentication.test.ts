import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readForm, type Browser } from '../../support/browser.ts'
import { readRedirect } from '../../support/read-response.ts'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../support/relying-party.ts'

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  rp = relyingParty(test, client)
})
afterAll(() => test.close())
beforeEach(async () => {
  browser = await test.signedInBrowser()
})

type Step = 'code' | 'login' | 'account' | 'consent' | (string & {})
/** The outcome of a request: a page, a code, or an error. */
async function ask(more: Record<string, string | undefined>, from = browser): Promise<Step> {
  await from.get(rp.authorizeUrl(more))
  return step(from)
}
function step(from: Browser): Step {
  const { page } = from
  if (page.statusCode === 200 && page.body.includes('name="password"')) return 'login'
  if (page.statusCode === 200 && page.body.includes('value="use-another"')) return 'account'
  if (page.statusCode === 200 && page.body.includes('value="allow"')) return 'consent'
  const answer = readRedirect(page)
  return answer['error'] ?? (answer['code'] === undefined ? 'nothing' : 'code')
}
/** The ID token for the code in the redirect. */
async function idToken(from = browser) {
  const answer = await rp.exchange(from.answer().get('code') ?? '')
  return decodeJwt<{ auth_time: number; nonce?: string }>(answer.json<Tokens>().id_token)
}
const now = () => Math.floor(test.clock.now().getTime() / 1000)

describe('OpenID Connect Core §3.1.2.1 prompt', () => {
  it('none: returns a code if no page is needed', async () => {
    expect(await ask({ prompt: 'none' })).toBe('code')
  })

  it('none: shows no page whatever is missing', async () => {
    expect(await ask({ prompt: 'none' }, test.browser())).toBe('login_required')
    const asking = await test.registerClient({ requireConsent: true })
    await browser.get(relyingParty(test, asking).authorizeUrl({ prompt: 'none' }))
    expect(step(browser)).toBe('consent_required')
    test.clock.advance(10)
    expect(await ask({ prompt: 'none', max_age: '5' })).toBe('login_required')
  })

  it('none: is rejected for a session that ended, expired or was idle for too long', async () => {
    test.clock.advance(7_201)
    expect(await ask({ prompt: 'none' })).toBe('login_required')
    browser.cookies.set('cerb_sid', 'A'.repeat(43))
    expect(await ask({ prompt: 'none' })).toBe('login_required')
  })

  it.each(['none login', 'none consent', 'none select_account', 'login none'])(
    'none: cannot be combined: %s',
    async (prompt) => {
      expect(await ask({ prompt })).toBe('invalid_request')
    },
  )

  it('login: asks for the password again, and sets auth_time to that time', async () => {
    test.clock.advance(100)
    expect(await ask({ prompt: 'login' })).toBe('login')
    await browser.submit(OWNER, 'sign-in')
    expect(step(browser)).toBe('code')
    expect((await idToken()).auth_time).toBe(now())
  })

  it('login: is not satisfied by skipping the page, a wrong password, or another sign-in', async () => {
    expect(await ask({ prompt: 'login' })).toBe('login')
    const { hidden } = readForm(browser.page.body)
    const resume = `/oauth2/authorize/resume?request=${hidden['request']}`
    expect(step(await browser.get(resume))).toBe('login')
    await browser.submit({ ...OWNER, password: 'wrong' }, 'sign-in')
    expect(browser.page.statusCode).toBe(401)
    expect(step(await browser.get(resume))).toBe('login')
    browser.cookies.set('cerb_sid', (await test.signIn()).slice('cerb_sid='.length))
    expect(step(await browser.get(resume))).toBe('login')
  })

  it('login: asks every time', async () => {
    for (let visit = 0; visit < 2; visit += 1) {
      expect(await ask({ prompt: 'login' })).toBe('login')
      await browser.submit(OWNER, 'sign-in')
      expect(step(browser)).toBe('code')
    }
  })

  it('consent: asks although the client requires none', async () => {
    expect(await ask({ prompt: 'consent' })).toBe('consent')
    await browser.submit({}, 'allow')
    expect(step(browser)).toBe('code')
  })

  it('select_account: lets the user continue or use another account', async () => {
    expect(await ask({ prompt: 'select_account' })).toBe('account')
    await browser.submit({}, 'continue')
    expect(step(browser)).toBe('code')
    expect(await ask({ prompt: 'select_account' })).toBe('account')
    await browser.submit({}, 'use-another')
    expect(step(browser)).toBe('login')
    await browser.submit(OWNER, 'sign-in')
    expect(step(browser)).toBe('code')
  })

  it('login consent select_account: shows each page once', async () => {
    expect(await ask({ prompt: 'select_account consent login' })).toBe('login')
    await browser.submit(OWNER, 'sign-in')
    expect(step(browser)).toBe('consent')
    await browser.submit({}, 'allow')
    expect(step(browser)).toBe('code')
  })
})

describe('OpenID Connect Core §3.1.2.1 max_age', () => {
  it.each([
    [0, '1', 'code'],
    [1, '1', 'code'],
    [2, '1', 'login'],
    [100, '100', 'code'],
    [101, '100', 'login'],
    [1000, '999999999', 'code'],
  ])('%i seconds after sign-in, max_age=%s leads to %s', async (elapsed, max_age, expected) => {
    test.clock.advance(elapsed)
    expect(await ask({ max_age })).toBe(expected)
  })

  it.each([0, 1, 500])('max_age=0 is prompt=login, %i seconds after sign-in', async (elapsed) => {
    test.clock.advance(elapsed)
    expect(await ask({ max_age: '0', prompt: 'none' })).toBe('login_required')
    expect(await ask({ max_age: '0' })).toBe('login')
    await browser.submit(OWNER, 'sign-in')
    expect(step(browser)).toBe('code')
    expect((await idToken()).auth_time).toBe(now())
  })

  it('is met by a sign-in for this request, however long the user then takes', async () => {
    const asking = relyingParty(test, await test.registerClient({ requireConsent: true }))
    test.clock.advance(10)
    await browser.get(asking.authorizeUrl({ max_age: '1' }))
    await browser.submit(OWNER, 'sign-in')
    expect(step(browser)).toBe('consent')
    test.clock.advance(60)
    await browser.submit({}, 'allow')
    expect(step(browser)).toBe('code')
  })

  it.each(['-1', '1.5', 'abc', '1e3', ' 1', '٣', '0x10', '99999999999999999999'])('rejects %j', async (max_age) => {
    expect(await ask({ max_age })).toBe('invalid_request')
  })

  it("defaults to the client's setting", async () => {
    const strict = relyingParty(test, await test.registerClient({ defaultMaxAge: 60 }))
    test.clock.advance(61)
    await browser.get(strict.authorizeUrl())
    expect(step(browser)).toBe('login')
    await browser.get(strict.authorizeUrl({ max_age: '100' }))
    expect(step(browser)).toBe('code')
  })
})

describe('OpenID Connect Core §3.1.2.1 nonce', () => {
  it.each(['n-0S6_WzA2Mj', 'ünïcödé & <more> "quoted"', 'x'.repeat(512)])('%s is in the ID token', async (nonce) => {
    expect(await ask({ nonce })).toBe('code')
    expect((await idToken()).nonce).toBe(nonce)
  })

  it('is not in the ID token if none was sent', async () => {
    await ask({})
    expect(await idToken()).not.toHaveProperty('nonce')
  })
})

describe('OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2', () => {
  it('query and fragment use a redirect', async () => {
    await ask({ response_mode: 'query' })
    expect(browser.url).toMatch(/\/callback\?code=[^#]+$/)
    await ask({ response_mode: 'fragment' })
    expect(browser.url).toMatch(/\/callback#code=[^?]+$/)
  })

  it('form_post uses a form that submits itself', async () => {
    await browser.get(rp.authorizeUrl({ response_mode: 'form_post' }))
    const { statusCode, headers, body } = browser.page
    expect([statusCode, headers.location, headers['cache-control']]).toEqual([200, undefined, 'no-store'])
    expect(headers['content-security-policy']).toMatch(/script-src 'sha256-/)
    const { action, hidden } = readForm(body)
    expect(action).toBe(REDIRECT_URI)
    expect(hidden).toEqual({
      code: expect.any(String),
      state: 'a-state',
      iss: ISSUER,
      session_state: expect.any(String),
    })
    expect((await rp.exchange(hidden['code'] ?? '')).statusCode).toBe(200)
  })

  it('form_post requires an http or https redirect URI', async () => {
    const native = relyingParty(test, await test.registerClient({ redirectUris: ['com.example.app:/callback'] }))
    await browser.get(native.authorizeUrl({ redirect_uri: 'com.example.app:/callback', response_mode: 'form_post' }))
    expect(browser.url.startsWith('com.example.app:/callback?')).toBe(true)
    expect(browser.answer().get('error')).toBe('invalid_request')
  })
})

describe('a client that always requires a sign-in', () => {
  let strict: ReturnType<typeof relyingParty>
  beforeAll(async () => {
    strict = relyingParty(test, await test.registerClient({ alwaysSignIn: true }))
  })
  const askStrictly = async (more: Record<string, string | undefined>) => {
    await browser.get(strict.authorizeUrl(more))
    return step(browser)
  }

  it.each([{}, { max_age: '86400' }, { prompt: 'consent' }, { prompt: 'select_account' }, { prompt: 'login' }])(
    'asks for the password at each request, with %j',
    async (more: Record<string, string>) => {
      for (let visit = 0; visit < 2; visit += 1) {
        test.clock.advance(1)
        expect(await askStrictly(more)).toBe('login')
        await browser.submit(OWNER, 'sign-in')
        if (more['prompt'] === 'consent') await browser.submit({}, 'allow')
        expect(step(browser)).toBe('code')
      }
      expect(await ask({})).toBe('code')
    },
  )

  it('gets login_required with prompt=none', async () => {
    expect(await askStrictly({ prompt: 'none' })).toBe('login_required')
    expect(await askStrictly({ prompt: 'none login' })).toBe('invalid_request')
  })

  it('refreshes tokens without a sign-in', async () => {
    await askStrictly({ scope: 'openid offline_access' })
    await browser.submit(OWNER, 'sign-in')
    const tokens = (await strict.exchange(browser.answer().get('code') ?? '')).json<Tokens>()
    test.clock.advance(10)
    expect((await strict.refresh(tokens.refresh_token)).statusCode).toBe(200)
  })
})
