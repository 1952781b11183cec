import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readErrorPage, readRedirect } from '../../../support/read-response.ts'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { readForm, type Browser } from '../../../support/browser.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const GONE = { status: 410, code: 'invalid_request', location: undefined }
const NO_COOKIES = { status: 400, code: 'cookies_blocked', location: undefined }
const RIGHT = { ...OWNER, action: 'sign-in' }

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient({ requireConsent: true })
  rp = relyingParty(test, client)
})
afterAll(() => test.close())
beforeEach(() => {
  browser = test.browser()
})

/** The URL at which a pending request continues after all pages. */
const resumeUrl = (from: Browser) =>
  `/oauth2/authorize/resume?${new URLSearchParams({ request: readForm(from.page.body).hidden['request'] ?? '' })}`
const sessions = () => test.database.prisma.session.count()

function expectAllDone(): void {
  expect([browser.page.statusCode, browser.page.headers.location]).toEqual([200, undefined])
  expect(browser.page.body).toContain('All done')
  expect(browser.page.body).not.toContain('id="error-code"')
}

/** Opens the interaction page, which only this browser may submit. */
async function arriveAt(page: 'login' | 'account' | 'consent'): Promise<string> {
  if (page !== 'login') browser = await test.signedInBrowser()
  await browser.get(rp.authorizeUrl({ prompt: page === 'account' ? 'select_account' : 'consent' }))
  expect(browser.page.statusCode).toBe(200)
  return { login: '/auth/login', account: '/auth/account', consent: '/oauth2/consent' }[page]
}

describe('a pending request belongs to the browser that started it', () => {
  it.each(['login', 'account', 'consent'] as const)('no other browser is shown %s', async (page) => {
    const path = await arriveAt(page)
    const { hidden } = readForm(browser.page.body)
    const other = await test.signedInBrowser()
    await other.get(rp.authorizeUrl({ prompt: 'login' }))
    const strangers = [
      [test.browser(), NO_COOKIES],
      [other, GONE],
    ] as const
    for (const [stranger, expected] of strangers) {
      await stranger.get(`${path}?request=${hidden['request']}`)
      expect(readErrorPage(stranger.page)).toEqual(expected)
      await stranger.get(`/oauth2/authorize/resume?request=${hidden['request']}`)
      expect(readErrorPage(stranger.page)).toEqual(expected)
      await stranger.get(`/oauth2/authorize/resume?request=${hidden['request']}&answer=cancel`)
      expect(readErrorPage(stranger.page)).toEqual(expected)
      await stranger.post(path, { ...hidden, ...RIGHT })
      expect(readErrorPage(stranger.page)).toEqual(expected)
    }
    await browser.submit(
      page === 'login' ? OWNER : {},
      { login: 'sign-in', account: 'continue', consent: 'allow' }[page],
    )
    expect(browser.page.statusCode).toBeLessThan(400)
  })

  it('a browser whose cookie is malformed or missing among others does not block cookies', async () => {
    const path = await arriveAt('login')
    const { hidden } = readForm(browser.page.body)
    const cookies = ['__Host-cerb_browser=malformed', '__Host-cerb_browser=', 'another=1', await test.signIn()]
    for (const cookie of cookies) {
      for (const url of [path, '/oauth2/authorize/resume']) {
        const page = await test.app.inject({ url: `${url}?request=${hidden['request']}`, headers: { cookie } })
        expect(readErrorPage(page)).toEqual(GONE)
      }
    }
  })

  it.each(['', 'unknown', '../login', "' OR 1=1 --", 'x'.repeat(3000)])(
    'no request is pending under %j',
    async (request) => {
      await browser.get(rp.authorizeUrl())
      for (const path of ['/oauth2/authorize/resume', '/auth/account', '/oauth2/consent']) {
        await browser.get(`${path}?${new URLSearchParams({ request })}`)
        expect(readErrorPage(browser.page)).toEqual(GONE)
      }
    },
  )

  it('continues once', async () => {
    await arriveAt('consent')
    const resume = resumeUrl(browser)
    await browser.submit({}, 'allow')
    expect(browser.answer().get('code')).toMatch(/^authz_/)
    await browser.get(resume)
    expectAllDone()
  })

  it('continues once even with eight concurrent attempts', async () => {
    await arriveAt('consent')
    const resume = resumeUrl(browser)
    const { action, hidden } = readForm(browser.page.body)
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    await test.app.inject({
      method: 'POST',
      url: action,
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ ...hidden, action: 'allow' }).toString(),
    })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => test.app.inject({ method: 'GET', url: resume, headers: { cookie } })),
    )
    expect(answers.filter(({ headers }) => headers.location?.includes('code=authz_'))).toHaveLength(1)
  })

  it.each(['deny', 'cancel'])('is over after %s', async (action) => {
    await arriveAt(action === 'deny' ? 'consent' : 'login')
    const resume = resumeUrl(browser)
    await browser.submit({}, action)
    expect(browser.answer().get('error')).toBe('access_denied')
    await browser.get(resume)
    expectAllDone()
  })

  it('is answered with a page that all is well when the user goes back to any of its pages', async () => {
    await arriveAt('login')
    const { request = '' } = readForm(browser.page.body).hidden
    await browser.submit(OWNER, 'sign-in')
    const form = readForm(browser.page.body).hidden
    await browser.submit({}, 'allow')
    for (const path of ['/auth/login', '/auth/account', '/oauth2/consent', '/oauth2/authorize/resume']) {
      await browser.get(`${path}?request=${request}`)
      expectAllDone()
    }
    await browser.post('/oauth2/consent', { ...form, action: 'allow' })
    expectAllDone()
    browser.language = 'de'
    await browser.get(`/oauth2/consent?request=${request}`)
    expect(browser.page.body).toContain('Alles erledigt')
  })

  it('continues without a password in a second tab whose user has signed in at the first', async () => {
    await arriveAt('login')
    const first = browser.page
    await browser.get(rp.authorizeUrl({ state: 'second' }))
    const second = browser.url
    const { action, hidden } = readForm(first.body)
    await browser.post(action, { ...hidden, ...RIGHT })
    await browser.submit({}, 'allow')
    expect(browser.answer().get('state')).toBe('a-state')
    await browser.get(second)
    expect(browser.answer().get('state')).toBe('second')
    expect(browser.answer().get('code')).toMatch(/^authz_/)
  })

  it.each([{ prompt: 'login' }, { max_age: '0' }])(
    'still asks for the password in a second tab with %j',
    async (more) => {
      await arriveAt('login')
      const first = browser.page
      await browser.get(rp.authorizeUrl(more))
      const second = browser.url
      const { action, hidden } = readForm(first.body)
      await browser.post(action, { ...hidden, ...RIGHT })
      await browser.get(second)
      expect(readForm(browser.page.body).action).toBe('/auth/login')
      await browser.get(`${second}&account=another`)
      expect(readForm(browser.page.body).action).toBe('/auth/login')
    },
  )

  it('stays pending for an hour', async () => {
    await arriveAt('login')
    test.clock.advance(3599)
    await browser.get(resumeUrl(browser))
    expect(browser.page.statusCode).toBe(200)
    test.clock.advance(2)
    await browser.submit(OWNER, 'sign-in')
    expect(readErrorPage(browser.page)).toEqual(GONE)
  })

  it('is not changed by parameters that are posted to its pages', async () => {
    await arriveAt('login')
    await browser.submit(
      { ...OWNER, redirect_uri: 'https://evil.test/', scope: 'openid', client_id: 'client_x', state: 'another' },
      'sign-in',
    )
    await browser.submit({ redirect_uri: 'https://evil.test/', state: 'another' }, 'allow')
    expect(browser.url).toMatch(/^https:\/\/app\.example\.com\/callback\?/)
    expect(browser.answer().get('state')).toBe('a-state')
  })
})

describe('RFC 6749 §10.12 forms of another site are rejected', () => {
  const forged: [string, (hidden: Record<string, string>) => Record<string, string>, Record<string, string>][] = [
    ['without the form token', ({ csrf: _, ...rest }) => rest, {}],
    ['with an empty form token', (hidden) => ({ ...hidden, csrf: '' }), {}],
    ['with an invented form token', (hidden) => ({ ...hidden, csrf: 'A'.repeat(43) }), {}],
    ['with a form token and more', (hidden) => ({ ...hidden, csrf: `${hidden['csrf']}=` }), {}],
    ['with a form token of other characters', (hidden) => ({ ...hidden, csrf: 'ü'.repeat(43) }), {}],
    ['from another site', (hidden) => hidden, { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling domain', (hidden) => hidden, { 'sec-fetch-site': 'same-site' }],
    ['from another origin', (hidden) => hidden, { origin: 'https://evil.test' }],
    ['from an opaque origin', (hidden) => hidden, { origin: 'null' }],
  ]

  it.each(forged)('signing in %s', async (_, change, headers) => {
    const path = await arriveAt('login')
    const before = await sessions()
    await browser.post(path, { ...change(readForm(browser.page.body).hidden), ...RIGHT }, headers)
    expect(browser.page.statusCode).toBe(403)
    expect(browser.cookies.has('cerb_sid')).toBe(false)
    expect(await sessions()).toBe(before)
    await browser.submit(OWNER, 'sign-in')
    expect(browser.page.statusCode).toBe(200)
    expect(browser.cookies.has('cerb_sid')).toBe(true)
  })

  it.each(forged)('consent %s', async (_, change, headers) => {
    const path = await arriveAt('consent')
    const { hidden } = readForm(browser.page.body)
    await browser.post(path, { ...change(hidden), action: 'allow' }, headers)
    expect(readErrorPage(browser.page)).toEqual({ status: 403, code: 'invalid_request', location: undefined })
    await browser.get(`/oauth2/authorize/resume?request=${hidden['request']}`)
    expect(browser.page.body).toContain('value="allow"')
  })

  it.each(forged)('choosing an account %s', async (_, change, headers) => {
    const path = await arriveAt('account')
    const { hidden } = readForm(browser.page.body)
    await browser.post(path, { ...change(hidden), action: 'continue' }, headers)
    expect(readErrorPage(browser.page)).toEqual({ status: 403, code: 'invalid_request', location: undefined })
  })

  it.each(forged)('signing out %s', async (_, change, headers) => {
    browser = await test.signedInBrowser()
    await browser.get('/oauth2/logout')
    await browser.post('/oauth2/logout', { ...change(readForm(browser.page.body).hidden), action: 'sign-out' }, headers)
    await browser.get(rp.authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('error')).not.toBe('login_required')
  })

  it('a CSRF token of one page or one browser is invalid for another', async () => {
    const other = test.browser()
    await other.get(rp.authorizeUrl())
    const foreign = readForm(other.page.body).hidden['csrf'] ?? ''
    await arriveAt('login')
    await browser.submit({ ...OWNER, csrf: foreign }, 'sign-in')
    expect(browser.page.statusCode).toBe(403)
    const ofLogin = readForm(browser.page.body).hidden['csrf'] ?? ''
    await browser.submit(OWNER, 'sign-in')
    await browser.submit({ csrf: ofLogin }, 'allow')
    expect(readErrorPage(browser.page)).toMatchObject({ status: 403 })
  })

  it.each(['cross-site', 'same-site'])('signing in and out by JSON from a %s page', async (site) => {
    const signIn = { method: 'POST', url: '/v1/auth/login', payload: OWNER } as const
    const answer = await test.app.inject({ ...signIn, headers: { 'sec-fetch-site': site } })
    expect(answer.statusCode).toBe(403)
    expect(answer.cookies).toEqual([])
    const cookie = await test.signIn()
    const headers = { cookie, 'sec-fetch-site': site }
    expect((await test.app.inject({ method: 'POST', url: '/v1/auth/logout', headers })).statusCode).toBe(403)
    const silent = await test.app.inject({
      method: 'GET',
      url: rp.authorizeUrl({ prompt: 'none' }),
      headers: { cookie },
    })
    expect(readRedirect(silent)['error']).not.toBe('login_required')
  })
})
