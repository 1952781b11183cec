import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { authenticatorApp } from '../../support/authenticator-app.ts'
import { OWNER } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty } from '../../support/relying-party.ts'

let api: Api
beforeAll(async () => {
  api = await createApi({ limits: { signIn: { max: 1_000, window: 60 }, account: { max: 4, window: 900 } } })
})
afterAll(() => api.close())

const MFA = '/v1/me/mfa'
const emailOf = ({ id }: Person) => `${id}@example.test`
const STEP = 30

/** Sets up an authenticator app by the API. */
async function enrol(person: Person) {
  const { secret, qrCodeUri } = (await api.send(person, 'POST', `${MFA}/enable`)).json<Record<string, string>>()
  const app = authenticatorApp(secret ?? '', api.clock)
  const verified = await api.send(person, 'POST', `${MFA}/verify`, { body: { token: app.code() } })
  expect(verified.statusCode).toBe(200)
  api.clock.advance(2 * STEP)
  return { app, qrCodeUri, codes: verified.json<{ backupCodes: string[] }>().backupCodes }
}

async function personWithApp() {
  const person = await api.addPerson([])
  return { person, ...(await enrol(person)) }
}

const login = (person: Person, more: Record<string, unknown> = {}) =>
  api.send(undefined, 'POST', '/v1/auth/login', { body: { email: emailOf(person), password: PASSWORD, ...more } })
const answerOf = async (answer: ReturnType<Api['send']>): Promise<Record<string, unknown>> => {
  const { statusCode, body } = await answer
  return { statusCode, ...(JSON.parse(body) as Record<string, unknown>) }
}
const proveWith = (person: Person, operation: string, token: string) =>
  api.send(person, 'POST', `${MFA}/${operation}`, { body: { token } })
const mfaOf = async (person: Person) => (await api.send(person, 'GET', MFA)).json<Record<string, unknown>>()
const eventsOf = async ({ id }: Person) =>
  (await api.events()).filter(({ userId, resourceId }) => userId === id || resourceId === id).map(({ type }) => type)
const sealedSecretOf = ({ id }: Person) => api.prisma.totpCredential.findUnique({ where: { userId: id } })

describe('setting up an authenticator app', () => {
  it('gives a secret, and counts once the first code has confirmed it', async () => {
    const person = await api.addPerson([])
    const started = (await api.send(person, 'POST', `${MFA}/enable`)).json<Record<string, string>>()
    expect(started['secret']).toMatch(/^[A-Z2-7]{32}$/)
    expect(new URL(started['qrCodeUri'] ?? '').searchParams.get('secret')).toBe(started['secret'])
    expect(new URL(started['qrCodeUri'] ?? '').searchParams.get('issuer')).toBe('Acme')
    expect(await mfaOf(person)).toEqual({ enabled: false, methods: [], backupCodesRemaining: 0 })
    expect((await login(person)).statusCode).toBe(200)

    const app = authenticatorApp(started['secret'] ?? '', api.clock)
    const verified = await answerOf(proveWith(person, 'verify', app.code()))
    expect(verified).toMatchObject({ statusCode: 200, backupCodes: expect.any(Array) })
    expect(new Set(verified['backupCodes'] as string[]).size).toBe(10)
    expect(await mfaOf(person)).toEqual({ enabled: true, methods: ['totp'], backupCodesRemaining: 10 })
    expect((await api.send(person, 'GET', '/v1/me/profile')).json()).toMatchObject({ mfaEnabled: true })
    expect((await login(person)).statusCode).toBe(401)
    expect(await eventsOf(person)).toEqual(['mfa.enabled'])
  })

  it('needs a recent sign-in, and a code where the user has an app (RFC 9470 §3)', async () => {
    const person = await api.addPerson([])
    api.clock.advance(601)
    const old = await api.send(person, 'POST', `${MFA}/enable`)
    expect([old.statusCode, old.json<{ max_age: number }>().max_age]).toEqual([401, 600])
    const again = await api.signInAgain(person)
    await enrol(again)
    api.clock.advance(601)
    const { headers } = await api.send(again, 'POST', '/v1/me/passkeys/options')
    expect(headers['www-authenticate']).toMatch(
      /^Bearer error="insufficient_user_authentication",.* acr_values="mfa", max_age="600"$/,
    )
  })

  it('is refused with a wrong code, without a start, and where one is set up', async () => {
    const person = await api.addPerson([])
    expect((await proveWith(person, 'verify', '000000')).statusCode).toBe(400)
    const first = (await api.send(person, 'POST', `${MFA}/enable`)).json<Record<string, string>>()
    const { secret } = (await api.send(person, 'POST', `${MFA}/enable`)).json<Record<string, string>>()
    const replaced = authenticatorApp(first['secret'] ?? '', api.clock).code()
    expect((await proveWith(person, 'verify', replaced)).statusCode).toBe(400)
    expect((await proveWith(person, 'verify', authenticatorApp(secret ?? '', api.clock).code())).statusCode).toBe(200)
    expect((await api.send(person, 'POST', `${MFA}/enable`)).statusCode).toBe(400)
    expect((await proveWith(person, 'verify', '000000')).statusCode).toBe(400)
  })

  it('stores neither the secret nor the recovery codes in clear', async () => {
    const { person, codes, qrCodeUri } = await personWithApp()
    const secret = new URL(qrCodeUri ?? '').searchParams.get('secret') ?? ''
    const stored = await sealedSecretOf(person)
    const hashes = await api.prisma.recoveryCode.findMany({ where: { userId: person.id } })
    const everything = JSON.stringify([stored?.secret, hashes], (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : typeof value === 'bigint' ? 0 : value,
    )
    for (const text of [secret, ...codes]) expect(everything).not.toContain(text)
    expect(hashes).toHaveLength(10)
  })

  it('is for sessions only', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/enable'],
      ['POST', '/disable'],
    ] as const) {
      expect((await api.send(undefined, method, `${MFA}${path}`)).statusCode).toBe(401)
    }
  })
})

describe('signing in with a second factor, by JSON', () => {
  it('needs a code beside the password, and says so', async () => {
    const { person, app, codes } = await personWithApp()
    expect(await answerOf(login(person))).toMatchObject({ statusCode: 401, requiresMfa: true })
    expect(await answerOf(login(person, { password: 'wrong' }))).not.toHaveProperty('requiresMfa')
    expect(await answerOf(login(person, { mfaToken: '000000' }))).toMatchObject({ statusCode: 401, requiresMfa: true })
    expect((await login(person, { mfaToken: app.code() })).statusCode).toBe(200)
    expect((await login(person, { mfaToken: codes[0]?.toUpperCase().replace('-', ' ') })).statusCode).toBe(200)
    expect(await mfaOf(person)).toMatchObject({ backupCodesRemaining: 9 })
  })

  it('accepts each code once, also in concurrent requests', async () => {
    const { person, app, codes } = await personWithApp()
    for (const mfaToken of [app.code(), codes[3]]) {
      const attempts = await Promise.all([1, 2, 3].map(() => login(person, { mfaToken })))
      expect(attempts.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
      expect((await login(person, { mfaToken })).statusCode).toBe(401)
      api.clock.advance(900)
    }
  })

  it('accepts codes of the step before and after, never of an earlier step than the last one used', async () => {
    const { person, app } = await personWithApp()
    expect((await login(person, { mfaToken: app.code(-2) })).statusCode).toBe(401)
    expect((await login(person, { mfaToken: app.code(2) })).statusCode).toBe(401)
    expect((await login(person, { mfaToken: app.code(1) })).statusCode).toBe(200)
    expect((await login(person, { mfaToken: app.code(0) })).statusCode).toBe(401)
  })

  it('limits wrong codes by user', async () => {
    const { person, app } = await personWithApp()
    const checks: number[] = []
    for (let attempt = 0; attempt < 5; attempt += 1)
      checks.push((await proveWith(person, 'check', '000000')).statusCode)
    expect(checks).toEqual([200, 200, 200, 200, 429])
    expect((await login(person, { mfaToken: app.code() })).statusCode).toBe(429)
  })

  it('keeps the count of attempts at the account until the code is right, too', async () => {
    const { person, app } = await personWithApp()
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await login(person)).statusCode).toBe(401)
    expect((await login(person, { mfaToken: app.code() })).statusCode).toBe(200)
    for (let attempt = 0; attempt < 4; attempt += 1) expect((await login(person)).statusCode).toBe(401)
    expect((await login(person, { mfaToken: app.code(1) })).statusCode).toBe(429)
  })
})

describe('managing second factors', () => {
  it('checks a code without using it up', async () => {
    const { person, app, codes } = await personWithApp()
    const check = async (token: string) => (await proveWith(person, 'check', token)).json<{ valid: boolean }>().valid
    expect([
      await check(app.code()),
      await check(app.code()),
      await check('000000'),
      await check(codes[0] ?? ''),
    ]).toEqual([true, true, false, false])
    expect((await login(person, { mfaToken: app.code() })).statusCode).toBe(200)
  })

  it('replaces recovery codes and removes the factor against a code', async () => {
    const { person, app, codes } = await personWithApp()
    expect((await proveWith(person, 'backup-codes', '000000')).statusCode).toBe(400)
    const replaced = await answerOf(proveWith(person, 'backup-codes', app.code()))
    const [next = ''] = replaced['backupCodes'] as string[]
    expect((await login(person, { mfaToken: codes[0] })).statusCode).toBe(401)
    expect((await proveWith(person, 'disable', '000000')).statusCode).toBe(400)
    expect((await proveWith(person, 'disable', next)).statusCode).toBe(200)
    expect(await mfaOf(person)).toEqual({ enabled: false, methods: [], backupCodesRemaining: 0 })
    expect((await login(person)).statusCode).toBe(200)
    expect(await sealedSecretOf(person)).toBeNull()
    expect((await proveWith(person, 'disable', next)).statusCode).toBe(400)
    expect(await eventsOf(person)).toEqual(
      expect.arrayContaining(['mfa.enabled', 'mfa.recovery_codes_replaced', 'mfa.disabled']),
    )
  })

  it('is reset by an administrator who holds what the user holds, and ends the sessions', async () => {
    const { person } = await personWithApp()
    const reset = (as: Person) =>
      api.send(as, 'DELETE', `/v1/admin/users/${person.id}/mfa`, { headers: { 'x-org-domain': 'acme' } })
    expect((await reset(await api.addPerson(['users:read']))).statusCode).toBe(403)
    const administrator = await api.addPerson(['users:update', 'users:read'])
    const listed = async (value: string) => {
      const url = `/v1/admin/users?filter[mfa_enabled]=${value}&limit=100`
      const { data } = (await api.send(administrator, 'GET', url)).json<{
        data: { id: string; mfaEnabled: boolean }[]
      }>()
      return data.find(({ id }) => id === person.id)?.mfaEnabled
    }
    expect([await listed('true'), await listed('false')]).toEqual([true, undefined])
    expect(await answerOf(reset(administrator))).toMatchObject({ statusCode: 200, sessions: 1 })
    expect((await reset(administrator)).statusCode).toBe(409)
    expect([await listed('true'), await listed('false')]).toEqual([undefined, false])
    expect((await api.send(person, 'GET', MFA)).statusCode).toBe(401)
    expect((await login(person)).statusCode).toBe(200)
  })
})

describe('signing in with a second factor, on the pages', () => {
  const credentials = (person: Person) => ({ email: emailOf(person), password: PASSWORD })
  const code = (html: string) => /<code>([A-Z2-7 ]{32,})<\/code>/.exec(html)?.[1]?.replaceAll(' ', '') ?? ''
  const recoveryCodes = (html: string) => [...html.matchAll(/<code>([0-9a-z]{5}-[0-9a-z]{5})<\/code>/g)]

  async function client(settings: Record<string, unknown> = {}) {
    const registered = await api.registerClient({ requireConsent: false, ...settings })
    return relyingParty(api, registered)
  }
  async function idToken(rp: Awaited<ReturnType<typeof client>>, browser: Browser) {
    const { id_token, access_token } = (await rp.exchange(browser.answer().get('code') ?? '')).json<{
      id_token: string
      access_token: string
    }>()
    expect(decodeJwt(access_token)['acr']).toBe(decodeJwt(id_token)['acr'])
    const { acr, amr } = decodeJwt(id_token)
    return { acr, amr }
  }

  it('asks for the code after the password, and starts the session only then', async () => {
    const { person, app } = await personWithApp()
    const rp = await client()
    const browser = api.browser()
    await browser.get(rp.authorizeUrl())
    await browser.submit(credentials(person), 'sign-in')
    expect([browser.page.statusCode, browser.cookies.has('cerb_sid')]).toEqual([200, false])
    await browser.submit({ code: '000000' }, 'verify')
    expect([browser.page.statusCode, browser.cookies.has('cerb_sid')]).toEqual([401, false])
    await browser.submit({}, 'verify')
    expect(browser.page.statusCode).toBe(400)
    await browser.submit({ code: app.code() }, 'verify')
    expect(await idToken(rp, browser)).toEqual({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('is completed once, and in the browser of the password only', async () => {
    const { person, app, codes } = await personWithApp()
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit(credentials(person), 'sign-in')
    const url = browser.url
    const stranger = api.browser()
    await stranger.get('/auth/login')
    await stranger.get(url)
    expect(stranger.url).toMatch(/\/auth\/login$/)
    await browser.get(url)
    const [first, second] = await Promise.all(
      [app.code(), codes[0] ?? ''].map(async (value) => {
        const copy = api.browser()
        for (const [name, cookie] of browser.cookies) copy.cookies.set(name, cookie)
        await copy.get(url)
        await copy.submit({ code: value }, 'verify')
        return copy.cookies.has('cerb_sid')
      }),
    )
    expect([first, second].filter(Boolean)).toHaveLength(1)
    await browser.get(url)
    expect(browser.url).toMatch(/\/auth\/login$/)
  })

  it.each([
    [
      'the password has changed',
      async (person: Person) => {
        const next = { currentPassword: PASSWORD, newPassword: 'another password of everybody' }
        await api.send(person, 'POST', '/v1/me/password', { body: next })
      },
    ],
    [
      'the user was blocked',
      async ({ id }: Person) => {
        await api.prisma.user.update({ where: { id }, data: { blockedAt: api.clock.now() } })
      },
    ],
    ['ten minutes have passed', async () => api.clock.advance(601)],
  ] as const)('starts again if %s', async (_, change) => {
    const { person, app } = await personWithApp()
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit(credentials(person), 'sign-in')
    await change(person)
    await browser.submit({ code: app.code() }, 'verify')
    expect([browser.url.endsWith('/auth/login'), browser.cookies.has('cerb_sid')]).toEqual([true, false])
  })

  it('leads back to the client when the user cancels', async () => {
    const { person } = await personWithApp()
    const rp = await client()
    const browser = api.browser()
    await browser.get(rp.authorizeUrl())
    await browser.submit(credentials(person), 'sign-in')
    await browser.submit({}, 'cancel')
    expect(browser.answer().get('error')).toBe('access_denied')
  })

  it('sets the factor up during the sign-in where the organisation requires one', async () => {
    const organisation = await api.addOrganisation('strict')
    const person = await api.addPerson([], organisation)
    await api.prisma.organisation.update({ where: { id: organisation.id }, data: { settings: { requireMfa: true } } })
    expect(await answerOf(login(person))).toMatchObject({ statusCode: 401, requiresEnrollment: true })
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit(credentials(person), 'sign-in')
    const app = authenticatorApp(code(browser.page.body), api.clock)
    await browser.submit({ code: '000000' }, 'verify')
    expect(browser.page.statusCode).toBe(401)
    await browser.submit({ code: app.code() }, 'verify')
    expect(recoveryCodes(browser.page.body)).toHaveLength(10)
    expect(browser.cookies.has('cerb_sid')).toBe(true)
    api.clock.advance(STEP)
    expect(await answerOf(proveWith(person, 'disable', app.code()))).toMatchObject({ statusCode: 400 })
    expect((await login(person, { mfaToken: app.code() })).statusCode).toBe(200)
  })

  it.each([
    ['acr is essential', {}, { claims: '{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}' }],
    ['the client accepts nothing less', { minimumAcr: 'mfa' }, {}],
  ] as const)('is set up for a session without one if %s, and the session stays', async (_, settings, request) => {
    const person = await api.addPerson([])
    const rp = await client(settings)
    const browser = api.browser()
    browser.cookies.set('cerb_sid', person.cookie.slice('cerb_sid='.length))
    await browser.get(rp.authorizeUrl({ ...request, prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('unmet_authentication_requirements')
    await browser.get(rp.authorizeUrl(request))
    const app = authenticatorApp(code(browser.page.body), api.clock)
    await browser.submit({ code: app.code() }, 'verify')
    expect(recoveryCodes(browser.page.body)).toHaveLength(10)
    await browser.get(/id="continue" href="([^"]*)"/.exec(browser.page.body)?.[1]?.replaceAll('&amp;', '&') ?? '')
    expect(await idToken(rp, browser)).toEqual({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] })
    expect(browser.cookies.get('cerb_sid')).toBe(person.cookie.slice('cerb_sid='.length))
    await browser.get(rp.authorizeUrl({ ...request, prompt: 'none' }))
    expect(browser.answer().get('error')).toBeNull()
  })

  it('a voluntary acr_values asks a user who has a factor for it, and leaves others in peace', async () => {
    const rp = await client()
    const without = await api.signedInBrowser(OWNER)
    await without.get(rp.authorizeUrl({ acr_values: 'mfa pwd' }))
    expect(await idToken(rp, without)).toEqual({ acr: 'pwd', amr: ['pwd'] })

    const person = await api.addPerson([])
    const browser = api.browser()
    browser.cookies.set('cerb_sid', person.cookie.slice('cerb_sid='.length))
    const { app } = await enrol(person)
    await browser.get(rp.authorizeUrl({ acr_values: 'pwd mfa' }))
    expect(await idToken(rp, browser)).toMatchObject({ acr: 'pwd' })
    await browser.get(rp.authorizeUrl({ acr_values: 'mfa', prompt: 'none' }))
    expect(await idToken(rp, browser)).toMatchObject({ acr: 'pwd' })
    await browser.get(rp.authorizeUrl({ acr_values: 'mfa' }))
    await browser.submit({ code: app.code() }, 'verify')
    expect(await idToken(rp, browser)).toMatchObject({ acr: 'mfa' })
  })
})
