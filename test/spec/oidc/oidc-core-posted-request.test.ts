import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readErrorPage } from '../../support/read-response.ts'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { readForm, type Browser } from '../../support/browser.ts'
import { relyingParty } from '../../support/relying-party.ts'

let test: TestApp
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  rp = relyingParty(test, await test.registerClient({ requireConsent: true }))
})
afterAll(() => test.close())
beforeEach(() => {
  browser = test.browser()
})

describe('OpenID Connect Core §3.1.2.1 a request that another site posts, without cookies', () => {
  const postFrom = (more: Record<string, string> = {}) =>
    test.app.inject({
      method: 'POST',
      url: '/oauth2/authorize',
      payload: rp.authorizeUrl(more).split('?')[1] ?? '',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'cross-site',
        origin: 'https://app.example.com',
      },
    })

  it.each([{}, { prompt: 'none' }])('is answered for an active session nevertheless: %j', async (more) => {
    const signedIn = await test.signedInBrowser()
    await signedIn.get(rp.authorizeUrl({ prompt: 'consent' }))
    await signedIn.submit({}, 'allow')
    const answer = await postFrom(more)
    expect(answer.statusCode).toBe(303)
    for (const { name, value } of answer.cookies) signedIn.cookies.set(name, value)
    await signedIn.get(answer.headers.location ?? '')
    expect(signedIn.answer().get('code')).toMatch(/^authz_/)
    expect(signedIn.answer().get('state')).toBe('a-state')
  })

  it('asks for sign-in, or rejects prompt=none, without a session', async () => {
    const loud = await postFrom()
    for (const { name, value } of loud.cookies) browser.cookies.set(name, value)
    await browser.get(loud.headers.location ?? '')
    expect(readForm(browser.page.body).action).toBe('/auth/login')
    const silent = await postFrom({ prompt: 'none' })
    for (const { name, value } of silent.cookies) browser.cookies.set(name, value)
    await browser.get(silent.headers.location ?? '')
    expect(browser.answer().get('error')).toBe('login_required')
  })

  it('keeps the other pending requests of the same browser', async () => {
    await browser.get(rp.authorizeUrl())
    const { hidden } = readForm(browser.page.body)
    const posted = await postFrom()
    expect(posted.cookies).toEqual([])
    await browser.get(posted.headers.location ?? '')
    expect(readForm(browser.page.body).hidden['request']).not.toBe(hidden['request'])
    await browser.get(`/auth/login?request=${hidden['request']}`)
    expect(browser.page.statusCode).toBe(200)
  })

  it('belongs to the first browser that continues it', async () => {
    const { location = '' } = (await postFrom()).headers
    await browser.get(location)
    const { hidden } = readForm(browser.page.body)
    const other = test.browser()
    await other.get(location)
    expect(readErrorPage(other.page)).toMatchObject({ status: 410, code: 'invalid_request' })
    await browser.get(`/auth/login?request=${hidden['request']}`)
    expect(browser.page.statusCode).toBe(200)
  })
})
