import { createHash } from 'node:crypto'
import { createContext, runInContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import type { RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty } from '../../support/relying-party.ts'

const STATE = '__Host-cerb_state'
const ORIGIN = 'https://app.example.com'
const PAGE = '/oauth2/check-session'

let api: Api
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({
    grantTypes: ['authorization_code', 'implicit'],
    responseTypes: ['code', 'code id_token'],
    scopes: ['openid', 'profile', 'email'],
    redirectUris: [`${ORIGIN}/callback`, 'com.example.app:/callback'],
  })
  rp = relyingParty(api, client)
})
afterAll(() => api.close())

async function signedIn(): Promise<Browser> {
  const browser = api.browser()
  await rp.code(browser)
  return browser
}
const stateOf = (browser: Browser) => browser.cookies.get(STATE) ?? ''
const ask = async (browser: Browser, more: Record<string, string> = {}) => {
  await browser.get(rp.authorizeUrl(more))
  return browser.answer().get('session_state') ?? undefined
}
const digest = (...parts: string[]) => createHash('sha256').update(parts.join(' ')).digest('hex')

/** Whether a session_state belongs to this client, origin and browser state. */
function expectOf(sessionState: string | undefined, browserState: string): void {
  const [hash, salt = ''] = (sessionState ?? '').split('.')
  expect(salt).toMatch(/^[\w-]{16,}$/)
  expect(hash).toBe(digest(client.clientId, ORIGIN, browserState, salt))
}

describe('Session Management §2: session_state', () => {
  it.each<[string, Record<string, string>]>([
    ['a code', {}],
    ['tokens in the fragment', { response_type: 'code id_token', nonce: 'n' }],
    ['a refusal', { scope: 'openid unknown' }],
    ['a refusal to be silent', { prompt: 'none', max_age: '0' }],
  ])('is in %s', async (_, more) => {
    const browser = await signedIn()
    expectOf(await ask(browser, more), stateOf(browser))
    expect(stateOf(browser)).not.toBe('')
  })

  it('is in a form that is posted', async () => {
    const browser = await signedIn()
    await browser.get(rp.authorizeUrl({ response_mode: 'form_post' }))
    const posted = /name="session_state" value="([^"]*)"/.exec(browser.page.body)?.[1]
    expect(posted).toBeDefined()
    expectOf(posted, stateOf(browser))
  })

  it('is also returned without a session', async () => {
    const browser = api.browser()
    expectOf(await ask(browser, { prompt: 'none' }), '')
    expect(browser.answer().get('error')).toBe('login_required')
  })

  it('is in the response if the user cancels the sign-in', async () => {
    const browser = api.browser()
    await browser.get(rp.authorizeUrl())
    await browser.submit({}, 'cancel')
    expect(browser.answer().get('error')).toBe('access_denied')
    expectOf(browser.answer().get('session_state') ?? undefined, '')
  })

  it('is different each time, without a space', async () => {
    const browser = await signedIn()
    const states = [await ask(browser), await ask(browser)]
    expect(new Set(states).size).toBe(2)
    expect(states.join('')).not.toMatch(/\s/)
  })

  it('is absent without the scope openid, and for redirect URIs without a web origin', async () => {
    const browser = await signedIn()
    expect(await ask(browser, { scope: 'profile' })).toBeUndefined()
    expect(browser.answer().has('code')).toBe(true)
    expect(await ask(browser, { redirect_uri: 'com.example.app:/callback' })).toBeUndefined()
    expect(browser.url).toContain('code=')
  })
})

describe('Session Management §3.2: the browser state', () => {
  const login = () =>
    api.app.inject({
      method: 'POST',
      url: '/v1/auth/login',
      payload: { email: 'owner@acme.test', password: 'correct horse battery staple' },
    })
  const cookieOf = (answer: { cookies: { name: string }[] }) => answer.cookies.find(({ name }) => name === STATE)

  it('is for scripts in frames, lives as long as the session, and is not the session', async () => {
    const answer = await login()
    const session = answer.cookies.find(({ name }) => name === 'cerb_sid')
    const state = answer.cookies.find(({ name }) => name === STATE)
    expect(state).toMatchObject({ path: '/', secure: true, sameSite: 'None', maxAge: session?.maxAge })
    expect(state).not.toHaveProperty('httpOnly')
    expect(state?.value).toMatch(/^[\w-]{43}$/)
    const token = session?.value ?? ''
    expect([token, createHash('sha256').update(token).digest('base64url')]).not.toContain(state?.value)
  })

  it('changes with each sign-in, and goes when the session does', async () => {
    const [first, second] = [await login(), await login()]
    expect(cookieOf(first)).not.toEqual(cookieOf(second))
    const cookie = second.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const out = await api.app.inject({ method: 'POST', url: '/v1/auth/logout', headers: { cookie } })
    expect(cookieOf(out)).toMatchObject({ value: '' })
    const browser = await signedIn()
    expect(stateOf(browser)).not.toBe('')
    await browser.get('/oauth2/logout')
    await browser.submit({}, 'sign-out')
    expect(browser.cookies.has(STATE)).toBe(false)
  })

  it('gives no access', async () => {
    const browser = await signedIn()
    browser.cookies.delete('cerb_sid')
    await ask(browser, { prompt: 'none' })
    expect(browser.answer().get('error')).toBe('login_required')
    browser.cookies.set('cerb_sid', stateOf(browser))
    await ask(browser, { prompt: 'none' })
    expect(browser.answer().get('error')).toBe('login_required')
  })
})

describe('Session Management §3.3: the page that clients embed', () => {
  const page = () => api.app.inject({ url: PAGE })
  const scriptOf = (html: string) => /<script>([^]*)<\/script>/.exec(html)?.[1] ?? ''

  it('may be embedded by any site, and runs only its own script', async () => {
    const { statusCode, headers, body } = await page()
    expect(statusCode).toBe(200)
    expect(headers['x-frame-options']).toBeUndefined()
    const hash = createHash('sha256').update(scriptOf(body)).digest('base64')
    expect(headers['content-security-policy']).toBe(`default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'`)
    expect(headers['content-type']).toMatch(/^text\/html/)
    expect(headers['set-cookie']).toBeUndefined()
  })

  type Answered = [message: string, origin: string]

  /** The page in a browser without modern APIs. */
  async function frame(cookie: string, document: object = {}) {
    const answers: Answered[] = []
    let listener: (event: object) => void = () => {}
    const parent = { postMessage: (message: string, origin: string) => void answers.push([message, origin]) }
    const context = createContext({
      document: { cookie, ...document },
      addEventListener: (_: string, heard: typeof listener) => (listener = heard),
      window: {},
    })
    runInContext(scriptOf((await page()).body), context)
    return (data: unknown, origin = ORIGIN): Answered | undefined => {
      listener({ data, origin, source: parent })
      return answers.pop()
    }
  }

  it('returns unchanged, changed or error', async () => {
    const browser = await signedIn()
    const sessionState = await ask(browser)
    const message = `${client.clientId} ${sessionState}`
    const post = await frame(`other=1; ${STATE}=${stateOf(browser)}; more=2`)
    expect(post(message)).toEqual(['unchanged', ORIGIN])
    expect(post(message, 'https://other.example.com')).toEqual(['changed', 'https://other.example.com'])
    expect(post(`client_other ${sessionState}`)).toEqual(['changed', ORIGIN])
    for (const junk of [
      '',
      client.clientId,
      `${message} more`,
      message.slice(0, 50),
      7,
      null,
      { toString: () => message },
    ]) {
      expect(post(junk)).toEqual(['error', ORIGIN])
    }
    const later = await frame('other=1')
    expect(later(message)).toEqual(['changed', ORIGIN])
    const signedOut = `${client.clientId} ${await ask(api.browser(), { prompt: 'none' })}`
    expect(later(signedOut)).toEqual(['unchanged', ORIGIN])
    expect(post(signedOut)).toEqual(['changed', ORIGIN])
    expect(post(message, 'null')).toBeUndefined()
  })

  it('computes correct digests for every length', async () => {
    const post = await frame(`${STATE}=x`)
    for (let length = 1; length < 200; length += 1) {
      const salt = 's'.repeat(length)
      expect(post(`c ${digest('c', ORIGIN, 'x', salt)}.${salt}`)).toEqual(['unchanged', ORIGIN])
    }
  })

  it('does not report a change if the browser withholds its cookie', async () => {
    const message = `${client.clientId} ${await ask(await signedIn())}`
    const [kept, given] = [false, true].map((has) => ({ hasStorageAccess: () => Promise.resolve(has) }))
    const [without, within] = [await frame('', kept), await frame('', given)]
    await Promise.resolve()
    expect([without(message), within(message)]).toEqual([
      ['error', ORIGIN],
      ['changed', ORIGIN],
    ])
  })
})
