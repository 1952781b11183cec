import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { authenticatorApp } from '../../support/authenticator-app.ts'
import type { Browser } from '../../support/browser.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'
import { softwareAuthenticator } from '../../support/software-authenticator.ts'

let api: Api
beforeAll(async () => {
  api = await createApi({ limits: { signIn: { max: 1_000, window: 60 }, account: { max: 1_000, window: 900 } } })
})
afterAll(() => api.close())

const UNMET = 'unmet_authentication_requirements'
type Authenticator = ReturnType<typeof softwareAuthenticator>
type PasskeyOptions = Parameters<Authenticator['create']>[0] & Parameters<Authenticator['get']>[0]
type Party = ReturnType<typeof relyingParty>

const client = async (settings: Record<string, unknown> = {}) =>
  relyingParty(api, await api.registerClient({ requireConsent: false, ...settings }))
async function clientOf(organisation: { id: string; slug: string }) {
  const administrator = await api.addPerson(['clients:create'], organisation)
  const settings = {
    name: 'Application',
    clientType: 'public',
    redirectUris: [REDIRECT_URI],
    grantTypes: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    requireConsent: false,
  }
  const created = await api.send(administrator, 'POST', '/v1/admin/clients', { body: settings })
  return relyingParty(api, created.json<Parameters<typeof relyingParty>[1]>())
}
const essential = (...values: string[]) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
})
const optionsIn = ({ page }: Browser): PasskeyOptions & { allowCredentials: { id: string }[] } => {
  const text = /data-passkey-options="([^"]*)"/.exec(page.body)?.[1] ?? '{}'
  return JSON.parse(text.replaceAll('&quot;', '"')) as PasskeyOptions & { allowCredentials: { id: string }[] }
}
const sendCredential = (browser: Browser, credential: unknown) =>
  browser.submit({ credential: JSON.stringify(credential) }, 'passkey')
const withPasskey = (browser: Browser, authenticator: Authenticator) =>
  sendCredential(browser, authenticator.get(optionsIn(browser)))

/** A browser with the session of a person who signed in with the password. */
async function signedIn(organisation?: { id: string; slug: string }): Promise<{ person: Person; browser: Browser }> {
  const person = await api.addPerson([], organisation)
  return { person, browser: browserOf(person) }
}
function browserOf(person: Person): Browser {
  const browser = api.browser()
  browser.cookies.set('cerb_sid', person.cookie.slice('cerb_sid='.length))
  return browser
}
async function addApp(person: Person) {
  const { secret } = (await api.send(person, 'POST', '/v1/me/mfa/enable')).json<Record<string, string>>()
  const app = authenticatorApp(secret ?? '', api.clock)
  await api.send(person, 'POST', '/v1/me/mfa/verify', { body: { token: app.code() } })
  api.clock.advance(60)
  return app
}
async function addPasskey(person: Person, options: Parameters<typeof softwareAuthenticator>[0] = {}) {
  const authenticator = softwareAuthenticator(options)
  const created = (await api.send(person, 'POST', '/v1/me/passkeys/options')).json<PasskeyOptions>()
  const added = await api.send(person, 'POST', '/v1/me/passkeys', {
    body: { credential: authenticator.create(created) },
  })
  expect(added.statusCode).toBe(201)
  return authenticator
}

/** What the tokens state after the browser has come back to the client. */
async function answer(party: Party, browser: Browser) {
  const parameters = browser.answer()
  const error = parameters.get('error')
  if (error !== null) return { error }
  const tokens = (await party.exchange(parameters.get('code') ?? '')).json<Record<string, string>>()
  const { acr, amr, auth_time } = decodeJwt(tokens['id_token'] ?? '')
  expect(decodeJwt(tokens['access_token'] ?? '')).toMatchObject({ acr, auth_time })
  return { acr, amr, authTime: auth_time, refreshToken: tokens['refresh_token'] ?? '' }
}
async function ask(party: Party, browser: Browser, parameters: Record<string, string> = {}) {
  await browser.get(party.authorizeUrl(parameters))
  return answer(party, browser)
}

describe('OpenID Connect Core §5.5.1.1 – an essential acr', () => {
  it('is answered with one of its values, by preference', async () => {
    const { person, browser } = await signedIn()
    const authenticator = await addPasskey(person)
    const party = await client()
    expect(await ask(party, browser, essential('pwd'))).toMatchObject({ acr: 'pwd' })
    await browser.get(party.authorizeUrl(essential('phr', 'mfa')))
    await withPasskey(browser, authenticator)
    expect(await answer(party, browser)).toMatchObject({ acr: 'phr', amr: ['pwd', 'hwk', 'pop', 'user', 'mfa'] })
    for (const [values, acr] of [
      [['pwd'], 'pwd'],
      [['mfa'], 'mfa'],
      [['mfa', 'phrh'], 'mfa'],
      [['2', 'phrh', 'pwd'], 'phrh'],
    ] as const) {
      expect(await ask(party, browser, { ...essential(...values), prompt: 'none' })).toMatchObject({ acr })
    }
    expect(await ask(party, browser)).toMatchObject({ acr: 'phrh' })
  })

  it('keeps the class that the client accepts at least, and is still answered with its value', async () => {
    const { person, browser } = await signedIn()
    const app = await addApp(person)
    const party = await client({ minimumAcr: 'mfa' })
    await browser.get(party.authorizeUrl(essential('pwd')))
    await browser.submit({ code: app.code() }, 'verify')
    expect(await answer(party, browser)).toMatchObject({ acr: 'pwd', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('that the user cannot reach is rejected', async () => {
    const { person, browser } = await signedIn()
    await addPasskey(person, { synced: true })
    const party = await client()
    expect(await ask(party, browser, essential('phrh'))).toEqual({ error: UNMET })
    expect(await ask(party, browser, { ...essential('phr'), prompt: 'none' })).toEqual({ error: UNMET })
    expect(await ask(await client({ minimumAcr: 'phrh' }), browser)).toEqual({ error: UNMET })
  })
})

describe('OpenID Connect Core §3.1.2.1 – acr_values', () => {
  it('are tried in order of preference, and never ask a user for what they do not have', async () => {
    const { person, browser } = await signedIn()
    const party = await client()
    expect(await ask(party, browser, { acr_values: 'phrh phr mfa pwd' })).toMatchObject({ acr: 'pwd' })
    expect(await ask(party, browser, { acr_values: 'phr' })).toMatchObject({ acr: 'pwd' })
    const app = await addApp(person)
    expect(await ask(party, browser, { acr_values: 'phr', prompt: 'none' })).toMatchObject({ acr: 'pwd' })
    await browser.get(party.authorizeUrl({ acr_values: 'phrh phr mfa pwd' }))
    await browser.submit({ code: app.code() }, 'verify')
    expect(await answer(party, browser)).toMatchObject({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] })
    expect(await ask(party, browser, { acr_values: 'pwd mfa' })).toMatchObject({ acr: 'pwd' })
  })
})

describe('RFC 9470 §4 – step-up', () => {
  it('adds a passkey to a session that has a code already, and takes no code for it', async () => {
    const { person, browser } = await signedIn()
    const app = await addApp(person)
    const synced = await addPasskey(person, { synced: true })
    const device = await addPasskey(person)
    const party = await client()
    const before = await ask(party, browser)
    await browser.get(party.authorizeUrl({ acr_values: 'mfa' }))
    expect(browser.page.body).toContain('id="code"')
    await browser.submit({ code: app.code() }, 'verify')
    expect(await answer(party, browser)).toMatchObject({ acr: 'mfa' })
    api.clock.advance(60)

    await browser.get(party.authorizeUrl({ acr_values: 'phrh' }))
    expect(browser.page.body).not.toContain('id="code"')
    expect(optionsIn(browser).allowCredentials.map(({ id }) => id)).toEqual([device.id])
    await browser.submit({ code: app.code() }, 'verify').catch(() => undefined)
    await browser.get(party.authorizeUrl({ acr_values: 'phrh' }))
    await withPasskey(browser, synced)
    expect(browser.page.statusCode).toBe(401)
    await withPasskey(browser, device)
    const stepped = await answer(party, browser)
    expect(stepped).toMatchObject({ acr: 'phrh', amr: ['pwd', 'otp', 'hwk', 'pop', 'user', 'mfa'] })
    expect(stepped.authTime).toBe(before.authTime)
    const session = await api.prisma.session.findFirstOrThrow({ where: { userId: person.id } })
    expect(session.methods).toMatchObject([{ method: 'password' }, { method: 'totp' }, { method: 'device_passkey' }])
  })

  it('lets a user add a passkey where nothing less will do, after a recent sign-in', async () => {
    const { person, browser } = await signedIn()
    const party = await client()
    api.clock.advance(601)
    await browser.get(party.authorizeUrl(essential('phr')))
    expect(browser.url).toContain('/auth/login?')
    await browser.submit({ email: `${person.id}@example.test`, password: PASSWORD }, 'sign-in')
    expect(browser.page.body).toContain('Add a passkey to continue')
    const cancelUrl = /id="cancel" href="([^"]*)"/.exec(browser.page.body)?.[1]
    expect(cancelUrl).toContain('answer=cancel')
    const authenticator = softwareAuthenticator({ synced: true })
    await sendCredential(browser, authenticator.create(optionsIn(browser)))
    await withPasskey(browser, authenticator)
    expect(await answer(party, browser)).toMatchObject({ acr: 'phr', amr: ['pwd', 'swk', 'pop', 'user', 'mfa'] })
  })
})

describe('the policy of the organisation', () => {
  const setPolicy = (id: string, authenticationPolicy: object) =>
    api.prisma.organisation.update({ where: { id }, data: { settings: { authenticationPolicy } } })

  it('sets the weakest class for all clients, and after how long a factor must be proven again', async () => {
    const organisation = await api.addOrganisation('levels')
    const { person, browser } = await signedIn(organisation)
    const app = await addApp(person)
    await setPolicy(organisation.id, { minimumAcr: 'mfa', mfaMaxAge: 3_600 })
    const party = await clientOf(organisation)
    expect(await ask(party, browser, { prompt: 'none' })).toEqual({ error: UNMET })
    await browser.get(party.authorizeUrl())
    await browser.submit({ code: app.code() }, 'verify')
    const first = await answer(party, browser)
    expect(first).toMatchObject({ acr: 'mfa' })

    api.clock.advance(3_601)
    const { acr, auth_time: authTime } = decodeJwt(
      (await party.refresh(first.refreshToken ?? '')).json<{ id_token: string }>().id_token,
    )
    expect({ acr, authTime }).toEqual({ acr: 'mfa', authTime: first.authTime })
    expect(await ask(party, browser, { prompt: 'none' })).toEqual({ error: UNMET })
    await browser.get(party.authorizeUrl())
    await browser.submit({ code: app.code() }, 'verify')
    expect(await answer(party, browser)).toMatchObject({ acr: 'mfa', authTime: first.authTime })
  })

  it('asks for a new sign-in when the password is too old', async () => {
    const organisation = await api.addOrganisation('old-passwords')
    const { person, browser } = await signedIn(organisation)
    await setPolicy(organisation.id, { pwdMaxAge: 3_600 })
    const party = await clientOf(organisation)
    expect(await ask(party, browser)).toMatchObject({ acr: 'pwd' })
    api.clock.advance(3_601)
    expect(await ask(party, browser, { prompt: 'none' })).toEqual({ error: 'login_required' })
    await browser.get(party.authorizeUrl())
    await browser.submit({ email: `${person.id}@example.test`, password: PASSWORD }, 'sign-in')
    expect(await answer(party, browser)).toMatchObject({ acr: 'pwd' })
  })
})

describe('sessions and grants of the previous release', () => {
  it('have the class of their methods', async () => {
    const { person, browser } = await signedIn()
    const party = await client()
    const amr = ['hwk', 'mfa', 'pop', 'pwd', 'user']
    await api.prisma.$executeRaw`UPDATE sessions SET methods = NULL, amr = ${amr} WHERE user_id = ${person.id}::uuid`
    const first = await ask(party, browser)
    expect(first).toMatchObject({ acr: 'phrh', amr: ['pwd', 'hwk', 'pop', 'user', 'mfa'] })
    await api.prisma.grant.updateMany({ where: { userId: person.id }, data: { acr: null, amr: ['pwd', 'otp', 'mfa'] } })
    const { id_token } = (await party.refresh(first.refreshToken ?? '')).json<{ id_token: string }>()
    expect(decodeJwt(id_token)['acr']).toBe('mfa')
    // It signed the user in again with the password alone: the methods from before do not count.
    await api.prisma.$executeRaw`UPDATE sessions SET methods = '[{"method":"device_passkey","at":0}]', amr = '{pwd}'
      WHERE user_id = ${person.id}::uuid`
    expect(await ask(party, browser)).toMatchObject({ acr: 'pwd', amr: ['pwd'] })
  })
})
