import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readForm, type Browser } from '../../../support/browser.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const STATES = ['plain', 'a&b=c+d%20"<e>\' é 🔑', undefined]

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let signedIn: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient({ requireConsent: true })
  rp = relyingParty(test, client)
  signedIn = await test.signedInBrowser()
  await signedIn.get(rp.authorizeUrl())
  await signedIn.submit({}, 'allow')
})
afterAll(() => test.close())

/** The target and the parameters of a response, in any response mode. */
function received(browser: Browser) {
  if (browser.page.statusCode === 200) {
    const { action, hidden } = readForm(browser.page.body)
    return { to: action, answer: hidden }
  }
  return { to: browser.url.split(/[?#]/, 1)[0], answer: Object.fromEntries(browser.answer()) }
}

const deny = async (browser: Browser) => void (await browser.submit({}, 'deny'))
const cancel = async (browser: Browser) => void (await browser.submit({}, 'cancel'))
const nothing = async () => {}

/** Every kind of response: the user, the request, and what the user then does. */
const ANSWERS: [
  string,
  'a user' | 'no user',
  Record<string, string | undefined>,
  (browser: Browser) => Promise<void>,
][] = [
  ['code', 'a user', {}, nothing],
  ['login_required', 'no user', { prompt: 'none' }, nothing],
  ['consent_required', 'a user', { prompt: 'none', scope: 'openid phone' }, nothing],
  ['access_denied', 'a user', { prompt: 'consent' }, deny],
  ['access_denied', 'no user', {}, cancel],
  ['invalid_scope', 'a user', { scope: 'openid admin' }, nothing],
  ['unsupported_response_type', 'a user', { response_type: 'token' }, nothing],
  ['invalid_request', 'a user', { code_challenge_method: 'plain' }, nothing],
  ['invalid_request', 'a user', { prompt: 'none login' }, nothing],
  ['invalid_request', 'a user', { id_token_hint: 'nonsense' }, nothing],
  ['invalid_request_object', 'a user', { request: 'x' }, nothing],
]

describe('RFC 9207 §2 every authorization response carries iss, and exactly the state sent', () => {
  describe.each([undefined, 'query', 'fragment', 'form_post'])('response_mode=%s', (mode) => {
    it.each(ANSWERS)('%s for %s with %j', async (kind, who, more, act) => {
      for (const state of STATES) {
        const browser = who === 'no user' ? test.browser() : signedIn
        await browser.get(rp.authorizeUrl({ ...more, state, response_mode: mode }))
        await act(browser)
        const { to, answer } = received(browser)
        expect(to).toBe(REDIRECT_URI)
        expect(answer['iss']).toBe(ISSUER)
        expect(answer['state']).toBe(state)
        expect(answer['error'] ?? 'code').toBe(kind)
        expect(Object.keys(answer).sort()).toEqual(
          [
            ...(kind === 'code' ? ['code'] : ['error', 'error_description']),
            'iss',
            'session_state',
            ...(state ? ['state'] : []),
          ].sort(),
        )
      }
    })
  })

  it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    '§3 %s announces it, with the same issuer',
    async (url) => {
      const metadata = (await test.app.inject({ method: 'GET', url })).json<Record<string, unknown>>()
      expect(metadata).toMatchObject({ issuer: ISSUER, authorization_response_iss_parameter_supported: true })
    },
  )
})
