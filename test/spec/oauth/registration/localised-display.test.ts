import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty } from '../../../support/relying-party.ts'

let test: TestApp
let client: RegisteredTestClient
beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient({
    name: 'Plain',
    requireConsent: true,
    tosUri: 'https://app.example.com/terms',
    policyUri: 'https://app.example.com/privacy',
    logoUri: 'https://app.example.com/logo.png',
    localised: {
      fr: { name: 'Français', tosUri: 'https://app.example.com/cgu', logoUri: 'https://app.example.com/fr.png' },
      'de-CH': { name: 'Schwiizerdütsch' },
      DE: { name: 'Deutsch <b>' },
    },
  })
})
afterAll(() => test.close())

/** The page of each step in `language`, requested by a parameter or by the browser. */
const steps = {
  'sign-in': async (language: string, byRequest: boolean) => visit(test.browser(), language, byRequest, {}),
  consent: async (language: string, byRequest: boolean) => visit(await test.signedInBrowser(), language, byRequest, {}),
  'choice of account': async (language: string, byRequest: boolean) =>
    visit(await test.signedInBrowser(), language, byRequest, { prompt: 'select_account' }),
  'signing out': async (language: string, byRequest: boolean) => {
    const browser = await test.signedInBrowser()
    const query = new URLSearchParams({ client_id: client.clientId, ...(byRequest && { ui_locales: language }) })
    if (!byRequest) browser.language = language
    return browser.get(`/oauth2/logout?${query}`)
  },
}

async function visit(browser: Browser, language: string, byRequest: boolean, more: Record<string, string>) {
  const url = relyingParty(test, client).authorizeUrl({ ...more, ...(byRequest && { ui_locales: language }) })
  if (!byRequest) browser.language = language
  return browser.get(url)
}

const named = ({ page }: Browser) =>
  ['Plain', 'Français', 'Schwiizerdütsch', 'Deutsch'].filter((name) => page.body.includes(name))

describe("RFC 7591 §2.2 the display texts of a client in the user's language (RFC 4647 §3.4)", () => {
  describe.each(Object.entries(steps))('%s', (_, look) => {
    it.each([true, false])('chosen by the request: %s', async (byRequest) => {
      expect(named(await look('fr-CA', byRequest))).toEqual(['Français'])
    })

    it('default texts for all other languages', async () => {
      expect(named(await look('it', true))).toEqual(['Plain'])
    })
  })

  it.each([
    ['de-ch-1996', 'Schwiizerdütsch'],
    ['de-AT', 'Deutsch'],
    ['it, fr;q=0.5, de;q=0.7', 'Deutsch'],
    ['*', 'Plain'],
    [`fr-${'x-'.repeat(2000)}`, 'Plain'],
  ])('Accept-Language %s: %s', async (language, name) => {
    const browser = await steps.consent(language, false)
    expect(named(browser)).toEqual([name])
  })

  it("prefers the request's language to the browser's, also after sign-in", async () => {
    const browser = test.browser()
    browser.language = 'de-CH'
    await browser.get(relyingParty(test, client).authorizeUrl({ ui_locales: 'fr' }))
    expect(named(browser)).toEqual(['Français'])
    await browser.submit(OWNER, 'sign-in')
    expect([new URL(browser.url).pathname, named(browser)]).toEqual(['/oauth2/consent', ['Français']])
  })

  it('each text separately, escaped like any other', async () => {
    const { page } = await steps.consent('fr', true)
    expect(page.body).toContain('https://app.example.com/cgu')
    expect(page.body).toContain('https://app.example.com/fr.png')
    expect(page.body).toContain('https://app.example.com/privacy')
    expect(page.body).not.toContain('https://app.example.com/terms')
    const german = await steps.consent('de', true)
    expect(german.page.body).toContain('Deutsch &lt;b>')
    expect(german.page.body).toContain('https://app.example.com/terms')
  })

  it.each([
    [{ no_tag: { name: 'x' } }, 'no_tag'],
    [{ fr: { title: 'x' } }, 'localised.fr'],
    [{ fr: { tosUri: 'javascript:alert(1)' } }, 'tosUri'],
    [{ fr: { name: '‮evil' } }, 'name'],
    [{ fr: { name: 'a' }, FR: { name: 'b' } }, 'FR'],
    [[], 'localised'],
  ])('is not registered as %j', async (localised, at) => {
    await expect(test.registerClient({ localised })).rejects.toThrow(at)
  })
})
