import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedirect } from '../../support/read-response.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { OWNER, type RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

let api: Api
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let otherUser: Person

beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient()
  rp = relyingParty(api, client)
  otherUser = await api.addPerson([])
})
afterAll(() => api.close())

const browserOf = (cookie: string): Browser => {
  const browser = api.browser()
  browser.cookies.set('cerb_sid', cookie.slice('cerb_sid='.length))
  return browser
}
const silently = async (browser: Browser, hint: string, party = rp) => {
  await browser.get(party.authorizeUrl({ prompt: 'none', id_token_hint: hint }))
  const answer = readRedirect(browser.page)
  return answer['error'] ?? (answer['code'] && 'code')
}

describe('OpenID Connect Core §3.1.2.1 id_token_hint', () => {
  let hint: string
  let owner: Browser
  beforeAll(async () => {
    owner = await api.signedInBrowser()
    hint = (await rp.tokens(owner)).id_token
  })

  it('is met by the session of its user', async () => {
    expect(await silently(owner, hint)).toBe('code')
    expect(await silently(await api.signedInBrowser(), hint)).toBe('code')
  })

  it('is met with an ID token that has expired', async () => {
    const brief = relyingParty(api, await api.registerClient({ idTokenLifetime: 1 }))
    const expired = (await brief.tokens(owner)).id_token
    api.clock.advance(600)
    expect(await silently(owner, expired, brief)).toBe('code')
  })

  it('is rejected with login_required without a session, and with the session of another user', async () => {
    expect(await silently(api.browser(), hint)).toBe('login_required')
    expect(await silently(browserOf(otherUser.cookie), hint)).toBe('login_required')
  })

  it('requires a new sign-in from another user, and issues a code only for the user of the hint', async () => {
    const other = browserOf(otherUser.cookie)
    await other.get(rp.authorizeUrl({ id_token_hint: hint }))
    expect(other.page.body).toContain('name="password"')
    await other.submit(OWNER, 'sign-in')
    expect(other.answer().get('code')).not.toBeNull()

    const hintOfOther = (await rp.tokens(browserOf((await api.signInAgain(otherUser)).cookie))).id_token
    const owners = await api.signedInBrowser()
    await owners.get(rp.authorizeUrl({ id_token_hint: hintOfOther }))
    await owners.submit(OWNER, 'sign-in')
    expect(owners.answer().get('error')).toBe('login_required')
  })

  it('is rejected if it was issued to another client', async () => {
    const other = relyingParty(api, await api.registerClient())
    expect(await silently(owner, hint, other)).toBe('invalid_request')
  })

  it.each<[string, (parts: string[]) => string]>([
    ['unsigned', ([, payload]) => `${base64url({ alg: 'none', typ: 'JWT' })}.${payload}.`],
    ['signed with nothing', ([header, payload]) => `${header}.${payload}.`],
    ['changed', ([header, , signature]) => `${header}.${base64url({ sub: 'x' })}.${signature}`],
    ['signed with a secret', ([, payload]) => macWithPublicKey(payload ?? '')],
    ['of two parts', ([header, payload]) => `${header}.${payload}`],
    ['of four parts', (parts) => [...parts, 'x'].join('.')],
    ['padded', (parts) => `${parts.join('.')}==`],
    [
      'broken by a space',
      ([header, payload, signature]) => `${header}.${payload}.${signature?.slice(0, 9)} ${signature?.slice(9)}`,
    ],
    [
      'a JSON serialisation',
      ([header, payload, signature]) => JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ],
    ['nonsense', () => 'nonsense'],
  ])('is rejected if it is %s', async (_, forge) => {
    expect(await silently(owner, forge(hint.split('.')))).toBe('invalid_request')
  })

  it('is not believed if it is signed by no key of ours: it may be older than they are', async () => {
    const [, payload, signature] = hint.split('.')
    const unknown = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'x' })}.${payload}.${signature}`
    expect(await silently(owner, unknown)).toBe('login_required')
  })

  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  /** The public key used as the secret of an HMAC. */
  const macWithPublicKey = (payload: string) => {
    const header = base64url({
      alg: 'HS256',
      typ: 'JWT',
      kid: JSON.parse(Buffer.from(hint.split('.')[0] ?? '', 'base64url').toString()).kid,
    })
    return `${header}.${payload}.${createHash('sha256').update(api.signer.jwks().body).digest('base64url')}`
  }
})

describe('OpenID Connect Core §3.1.2.1 login_hint', () => {
  it('is filled in at sign-in, as text', async () => {
    const browser = api.browser()
    await browser.get(rp.authorizeUrl({ login_hint: 'jane@example.com' }))
    expect(browser.page.body).toMatch(/<input[^>]*name="email"[^>]*value="jane@example.com"/)
    await browser.get(rp.authorizeUrl({ login_hint: '"><script>alert(1)</script>' }))
    expect(browser.page.body).not.toContain('<script>alert')
    expect(browser.page.body).toContain('&quot;>&lt;script>alert')
  })

  it('has no effect on which user signs in', async () => {
    const browser = api.browser()
    await browser.get(rp.authorizeUrl({ login_hint: 'jane@example.com' }))
    await browser.submit(OWNER, 'sign-in')
    expect(browser.answer().get('code')).not.toBeNull()
  })
})

describe('OpenID Connect Core §3.1.2.1 ui_locales', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['xx de en', 'de'],
    ['en de', 'en'],
    ['xx', 'en'],
    ['" onload="x', 'en'],
  ])('%s: the page is in %s', async (ui_locales, lang) => {
    const browser = api.browser()
    await browser.get(rp.authorizeUrl({ ui_locales }))
    expect(browser.page.body).toMatch(new RegExp(`<html[^>]* lang="${lang}"`))
  })
})

describe('OpenID Connect Core §3.1.2.1, §15.1 parameters without effect are ignored', () => {
  it.each([
    { display: 'page' },
    { display: 'popup' },
    { display: 'hologram' },
    { acr_values: 'urn:mace:incommon:iap:silver' },
    { claims_locales: 'fr' },
    { claims: '{"userinfo":{"email":{"essential":true}}}' },
    { foo: 'bar', 'x[y]': 'z' },
  ])('%j', async (more) => {
    const browser = await api.signedInBrowser()
    await browser.get(rp.authorizeUrl(more))
    const tokens = (await rp.exchange(browser.answer().get('code') ?? '')).json<Tokens>()
    expect(tokens.scope).toBe('openid profile email')
  })
})
