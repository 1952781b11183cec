import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { ISSUER } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { linkIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'
import { relyingParty } from '../../support/relying-party.ts'
import { softwareAuthenticator, type Forgery } from '../../support/software-authenticator.ts'

let mailbox: Mailbox
let api: Api
beforeAll(async () => {
  mailbox = await openMailbox()
  api = await createApi({
    mail: mailbox.transport,
    limits: { signIn: { max: 1_000, window: 60 }, account: { max: 1_000, window: 900 } },
  })
})
afterAll(async () => {
  await api.close()
  await mailbox.close()
})

const PASSKEYS = '/v1/me/passkeys'
const BROWSER_COOKIE = '__Host-cerb_browser'
type Authenticator = ReturnType<typeof softwareAuthenticator>
type CreationOptions = Parameters<Authenticator['create']>[0] & { excludeCredentials: { id: string }[] }
type RequestOptions = Parameters<Authenticator['get']>[0]

const creationOptions = async (person: Person) =>
  (await api.send(person, 'POST', `${PASSKEYS}/options`)).json<CreationOptions>()
const add = (person: Person, credential: unknown, more: Record<string, unknown> = {}) =>
  api.send(person, 'POST', PASSKEYS, { body: { credential, ...more } })

async function personWithPasskey(
  options: Parameters<typeof softwareAuthenticator>[0] = {},
  organisation?: { id: string; slug: string },
) {
  const person = await api.addPerson([], organisation)
  const authenticator = softwareAuthenticator(options)
  const added = await add(person, authenticator.create(await creationOptions(person)))
  expect(added.statusCode).toBe(201)
  return { person, authenticator, passkey: added.json<{ id: string; name: string }>() }
}

/** The options of a sign-in by JSON, and the cookie of its browser. */
async function signInOptions() {
  const answer = await api.send(undefined, 'POST', '/v1/auth/passkey/options')
  const { value = '' } = answer.cookies.find(({ name }) => name === BROWSER_COOKIE) ?? {}
  return { options: answer.json<RequestOptions>(), headers: { cookie: `${BROWSER_COOKIE}=${value}` } }
}
const send = (credential: unknown, headers: Record<string, string>) =>
  api.send(undefined, 'POST', '/v1/auth/passkey', { body: { credential }, headers })
async function signIn(authenticator: Authenticator, forgery?: Forgery) {
  const { options, headers } = await signInOptions()
  return send(authenticator.get(options, forgery), headers)
}
const listed = async (person: Person) =>
  (await api.send(person, 'GET', PASSKEYS)).json<{ data: Record<string, unknown>[] }>().data
const eventsOf = async ({ id }: Person) =>
  (await api.events()).filter(({ userId }) => userId === id).map(({ type, metadata }) => ({ type, metadata }))
const lastEventOf = async (person: Person) => (await eventsOf(person)).at(-1)

describe('adding a passkey', () => {
  it('takes what the browser returns, names it by its provider, and reports it by mail', async () => {
    const person = await api.addPerson([])
    const options = await creationOptions(person)
    expect(options).toMatchObject({
      rp: { id: 'auth.example.com' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [],
    })
    const authenticator = softwareAuthenticator({ synced: true, aaguid: 'd548826e79b4db40a3d811116f7e8349' })
    const credential = authenticator.create(options)
    const added = await add(person, credential)
    expect(added.json()).toMatchObject({ name: 'Bitwarden', provider: 'Bitwarden', synced: true })
    expect((await creationOptions(person)).excludeCredentials).toMatchObject([{ id: authenticator.id }])
    expect((await add(person, credential)).statusCode).toBe(400)
    expect(await lastEventOf(person)).toMatchObject({ type: 'passkey.added' })
    const { data } = { data: await listed(person) }
    expect(data).toMatchObject([{ lastUsedAt: null, transports: ['internal'], backedUp: true }])
    const profile = (await api.send(person, 'GET', '/v1/me/profile')).json<Record<string, unknown>>()
    expect(profile['mfaEnabled']).toBe(true)
  })

  it.each<[string, Forgery]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['without user verification', { userVerified: false }],
    ['of another ceremony', { type: 'webauthn.get' }],
  ])('refuses an answer %s', async (_, forgery) => {
    const person = await api.addPerson([])
    const credential = softwareAuthenticator().create(await creationOptions(person), forgery)
    expect((await add(person, credential)).statusCode).toBe(400)
    expect(await listed(person)).toEqual([])
  })

  it.each([
    ['no object', 'text'],
    ['no base64url', { id: '?', rawId: '?', type: 'public-key', response: {} }],
    [
      'no CBOR',
      { id: 'AA', rawId: 'AA', type: 'public-key', response: { clientDataJSON: 'AA', attestationObject: 'AA' } },
    ],
  ])('refuses a credential that is %s', async (_, credential) => {
    expect((await add(await api.addPerson([]), credential)).statusCode).toBe(400)
  })

  it('needs a challenge of this session that has not expired, once', async () => {
    const person = await api.addPerson([])
    const options = await creationOptions(person)
    const other = await api.addPerson([])
    expect((await add(other, softwareAuthenticator().create(options))).statusCode).toBe(400)
    const twice = await Promise.all([1, 2].map(() => add(person, softwareAuthenticator().create(options))))
    expect(twice.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 400])
  })

  it('needs a recent sign-in, and says so as RFC 9470 does', async () => {
    const { person, passkey } = await personWithPasskey()
    const late = await creationOptions(person)
    api.clock.advance(601)
    for (const answer of [
      await api.send(person, 'POST', `${PASSKEYS}/options`),
      await add(person, softwareAuthenticator().create(late)),
      await api.send(person, 'DELETE', `${PASSKEYS}/${passkey.id}`),
    ]) {
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toMatch(
        /^Bearer error="insufficient_user_authentication".* max_age="600"$/,
      )
      expect(answer.json()).toMatchObject({ error: 'insufficient_user_authentication', max_age: 600 })
    }
    expect(await listed(person)).toHaveLength(1)
  })

  it('is possible twenty times', async () => {
    const { person, passkey } = await personWithPasskey()
    const { userId, organisationId, ...stored } = await api.prisma.passkey.findUniqueOrThrow({
      where: { id: passkey.id },
    })
    const copies = Array.from({ length: 19 }, (_, index) => ({
      ...stored,
      userId,
      organisationId,
      id: crypto.randomUUID(),
      credentialId: Buffer.from(`${passkey.id}${index}`),
    }))
    await api.prisma.passkey.createMany({ data: copies })
    expect((await add(person, softwareAuthenticator().create(await creationOptions(person)))).statusCode).toBe(409)
  })
})

describe('signing in with a passkey, by JSON', () => {
  it('starts a session and keeps the counter', async () => {
    const { person, authenticator, passkey } = await personWithPasskey()
    const answer = await signIn(authenticator)
    expect(answer.json()).toMatchObject({ user: { id: person.id } })
    expect(answer.cookies.map(({ name }) => name)).toContain('cerb_sid')
    const session = await api.prisma.session.findFirstOrThrow({
      where: { userId: person.id },
      orderBy: { createdAt: 'desc' },
    })
    expect(session.amr).toEqual(['hwk', 'pop', 'user', 'mfa'])
    expect(await api.prisma.passkey.findUnique({ where: { id: passkey.id } })).toMatchObject({ signCount: 1n })
  })

  it('accepts a challenge once, also in concurrent requests, and in its browser only', async () => {
    const { authenticator } = await personWithPasskey({ counts: false })
    const { options, headers } = await signInOptions()
    const stranger = await signInOptions()
    expect((await send(authenticator.get(options), stranger.headers)).statusCode).toBe(401)
    const answers = await Promise.all([1, 2, 3].map(() => send(authenticator.get(options), headers)))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    expect((await send(authenticator.get(options), headers)).statusCode).toBe(401)
  })

  it('refuses a challenge after half an hour', async () => {
    const { authenticator } = await personWithPasskey()
    const { options, headers } = await signInOptions()
    api.clock.advance(1_801)
    expect((await send(authenticator.get(options), headers)).statusCode).toBe(401)
  })

  it.each<[string, Forgery]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['without user verification', { userVerified: false }],
    ['of another ceremony', { type: 'webauthn.create' }],
    ['for another user', { userHandle: 'AAAA' }],
    ['that has become synced', { backupEligible: true }],
  ])('refuses an assertion %s', async (_, forgery) => {
    const { person, authenticator } = await personWithPasskey()
    expect((await signIn(authenticator, forgery)).statusCode).toBe(401)
    expect(await lastEventOf(person)).toEqual({ type: 'user.login.failed', metadata: { reason: 'wrong_passkey' } })
  })

  it('refuses a passkey that is not registered, and one of a blocked user', async () => {
    const { person, authenticator } = await personWithPasskey()
    const unknown = softwareAuthenticator()
    unknown.create(await creationOptions(person))
    expect((await signIn(unknown)).statusCode).toBe(401)
    await api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } })
    expect((await signIn(authenticator)).statusCode).toBe(401)
    expect(await lastEventOf(person)).toMatchObject({ metadata: { reason: 'blocked' } })
  })

  it('refuses a counter that has not grown, and records that there may be a clone', async () => {
    const { person, authenticator } = await personWithPasskey()
    expect((await signIn(authenticator, { signCount: 7 })).statusCode).toBe(200)
    for (const signCount of [7, 6, 0]) {
      expect((await signIn(authenticator, { signCount })).statusCode).toBe(401)
      const events = (await eventsOf(person)).slice(-2)
      expect(events.toSorted((a, b) => a.type.localeCompare(b.type))).toEqual([
        { type: 'passkey.clone_detected', metadata: { name: 'Passkey', storedCount: 7, receivedCount: signCount } },
        { type: 'user.login.failed', metadata: { reason: 'cloned_passkey' } },
      ])
    }
    expect((await signIn(authenticator, { signCount: 8 })).statusCode).toBe(200)
  })
})

describe('managing passkeys', () => {
  it('renames and removes them, and no others', async () => {
    const { person, authenticator, passkey } = await personWithPasskey()
    const other = await personWithPasskey()
    const url = `${PASSKEYS}/${passkey.id}`
    const renamed = await api.send(person, 'PATCH', url, { body: { name: '  My phone ' } })
    expect(renamed.json()).toMatchObject({ id: passkey.id, name: 'My phone' })
    expect((await api.send(person, 'PATCH', url, { body: { name: ' ' } })).statusCode).toBe(400)
    for (const method of ['PATCH', 'DELETE'] as const) {
      const body = method === 'PATCH' ? { body: { name: 'Mine' } } : {}
      expect((await api.send(other.person, method, url, body)).statusCode).toBe(404)
    }
    expect((await api.send(person, 'DELETE', url)).statusCode).toBe(204)
    expect((await api.send(person, 'DELETE', url)).statusCode).toBe(404)
    expect((await signIn(authenticator)).statusCode).toBe(401)
    expect((await eventsOf(person)).map(({ type }) => type)).toEqual([
      'passkey.added',
      'passkey.renamed',
      'passkey.removed',
    ])
    const address = `${person.id}@example.test`
    const subjects = [await mailbox.next(address), await mailbox.next(address)].map(({ headers }) => headers['subject'])
    expect(subjects).toEqual(['A passkey was added to your account', 'A passkey was removed from your account'])
  })

  it('are shown when a forgotten password is reset, and removed on request', async () => {
    const { person, authenticator } = await personWithPasskey()
    const email = `${person.id}@example.test`
    await mailbox.next(email)
    const resetUrl = async () => {
      await api.send(undefined, 'POST', '/v1/auth/forgot-password', { body: { email } })
      return linkIn(await mailbox.next(email), `${ISSUER}/reset-password`)
    }
    const browser = api.browser()
    await browser.get(await resetUrl())
    expect(browser.page.body).toContain('These passkeys sign in to your account as well')
    await browser.submit({ new_password: 'another password of theirs' }, 'set-password')
    await mailbox.next(email)
    expect((await signIn(authenticator)).statusCode).toBe(200)
    await browser.get(await resetUrl())
    await browser.submit({ new_password: 'one more password of theirs', remove_passkeys: 'true' }, 'set-password')
    expect((await signIn(authenticator)).statusCode).toBe(401)
    expect((await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } })).mfaMethods).toEqual([])
  })

  it('keeps the last way in, also in concurrent requests', async () => {
    const { person, passkey } = await personWithPasskey()
    const second = await add(person, softwareAuthenticator().create(await creationOptions(person)))
    await api.prisma.user.update({ where: { id: person.id }, data: { passwordHash: null } })
    const ids = [passkey.id, second.json<{ id: string }>().id]
    const removed = await Promise.all(ids.map((id) => api.send(person, 'DELETE', `${PASSKEYS}/${id}`)))
    expect(removed.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([204, 409])
    expect(await listed(person)).toHaveLength(1)
  })
})

describe('passkeys on the pages', () => {
  const optionsOf = (browser: Browser): RequestOptions & CreationOptions => {
    const text = /data-passkey-options="([^"]*)"/.exec(browser.page.body)?.[1] ?? '{}'
    return JSON.parse(text.replaceAll('&quot;', '"')) as RequestOptions & CreationOptions
  }
  const credentialsOf = ({ id }: Person) => ({ email: `${id}@example.test`, password: PASSWORD })
  const withPasskey = (browser: Browser, credential: unknown) =>
    browser.submit({ credential: JSON.stringify(credential) }, 'passkey')
  async function client(settings: Record<string, unknown> = {}) {
    return relyingParty(api, await api.registerClient({ requireConsent: false, ...settings }))
  }
  async function claims(rp: Awaited<ReturnType<typeof client>>, browser: Browser) {
    const code = browser.answer().get('code') ?? ''
    const { acr, amr } = decodeJwt((await rp.exchange(code)).json<{ id_token: string }>().id_token)
    return { acr, amr }
  }

  it('sign in for an application, with the script allowed by its hash', async () => {
    const { authenticator } = await personWithPasskey({ synced: true })
    const rp = await client()
    const browser = api.browser()
    await browser.get(rp.authorizeUrl({ acr_values: 'mfa' }))
    expect(browser.page.headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'/)
    expect(browser.page.body).toContain('autocomplete="username webauthn"')
    await withPasskey(browser, authenticator.get(optionsOf(browser), { userHandle: 'AAAA' }))
    expect(browser.page.statusCode).toBe(401)
    expect(browser.page.body).toContain('This passkey is not accepted')
    await withPasskey(browser, authenticator.get(optionsOf(browser)))
    expect(await claims(rp, browser)).toEqual({ acr: 'mfa', amr: ['swk', 'pop', 'user', 'mfa'] })
  })

  it('say so when the page was open for too long', async () => {
    const { authenticator } = await personWithPasskey()
    const browser = api.browser()
    await browser.get('/auth/login')
    const assertion = authenticator.get(optionsOf(browser))
    api.clock.advance(1_801)
    await withPasskey(browser, assertion)
    expect([browser.page.statusCode, browser.cookies.has('cerb_sid')]).toEqual([401, false])
    expect(browser.page.body).toContain('This took too long')
  })

  it('step a session up, and refuse the passkey of another user', async () => {
    const { person, authenticator } = await personWithPasskey()
    const stranger = await personWithPasskey()
    const rp = await client({ minimumAcr: 'mfa' })
    const browser = api.browser()
    browser.cookies.set('cerb_sid', person.cookie.slice('cerb_sid='.length))
    await browser.get(rp.authorizeUrl())
    expect(browser.page.body).not.toContain('id="code"')
    stranger.authenticator.create(await creationOptions(stranger.person))
    await withPasskey(browser, stranger.authenticator.get(optionsOf(browser)))
    expect(browser.page.statusCode).toBe(401)
    await withPasskey(browser, authenticator.get(optionsOf(browser)))
    expect(await claims(rp, browser)).toEqual({ acr: 'phrh', amr: ['pwd', 'hwk', 'pop', 'user', 'mfa'] })
    expect(browser.cookies.get('cerb_sid')).toBe(person.cookie.slice('cerb_sid='.length))
  })

  it('satisfy an organisation that requires a second factor, alone or after the password', async () => {
    const organisation = await api.addOrganisation('strict')
    const { person, authenticator } = await personWithPasskey({}, organisation)
    await api.prisma.organisation.update({ where: { id: organisation.id }, data: { settings: { requireMfa: true } } })
    expect((await signIn(authenticator)).statusCode).toBe(200)
    const byPassword = await api.send(undefined, 'POST', '/v1/auth/login', { body: credentialsOf(person) })
    expect(byPassword.json()).toMatchObject({ status: 401, requiresMfa: true })
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit(credentialsOf(person), 'sign-in')
    expect(browser.cookies.has('cerb_sid')).toBe(false)
    await withPasskey(browser, authenticator.get(optionsOf(browser)))
    expect(browser.cookies.has('cerb_sid')).toBe(true)
  })

  it('add, rename and remove passkeys, after a recent sign-in only', async () => {
    const person = await api.addPerson([])
    const browser = api.browser()
    await browser.get('/account/passkeys')
    expect(browser.url).toBe(`${ISSUER}/auth/login?return_to=%2Faccount%2Fpasskeys`)
    await browser.submit(credentialsOf(person), 'sign-in')
    expect(browser.url).toBe(`${ISSUER}/account/passkeys`)
    const authenticator = softwareAuthenticator()
    await withPasskey(browser, authenticator.create(optionsOf(browser)))
    expect(browser.url).toContain('done=added')
    const [{ id } = { id: '' }] = (await listed(person)) as { id: string }[]
    await browser.submit({ id, name: 'My phone' }, 'rename')
    expect(await listed(person)).toMatchObject([{ name: 'My phone' }])
    await withPasskey(browser, { id: 'nonsense' })
    expect([browser.page.statusCode, browser.page.body.includes('The passkey was not added')]).toEqual([400, true])
    api.clock.advance(601)
    await browser.get('/account/passkeys')
    expect(browser.page.body).not.toContain('data-passkey')
    await browser.submit({ id }, 'remove')
    expect(await listed(person)).toHaveLength(1)
    await browser.get('/auth/login?return_to=%2Faccount%2Fpasskeys')
    await withPasskey(browser, authenticator.get(optionsOf(browser)))
    expect(browser.url).toBe(`${ISSUER}/account/passkeys`)
    await browser.submit({ id }, 'remove')
    expect(await listed(person)).toEqual([])
  })

  it('offer a passkey after the password where the organisation wants that, and let the user go on', async () => {
    const { id } = api.owner.organisation
    const organisation = await api.addOrganisation('offering')
    await api.prisma.organisation.update({
      where: { id: organisation.id },
      data: { settings: { offerPasskeys: true } },
    })
    const person = await api.addPerson([], organisation)
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit(credentialsOf(person), 'sign-in')
    expect(browser.url).toBe(`${ISSUER}/account/passkeys?offer=true`)
    expect(browser.page.body).toMatch(/id="not-now" href="\/auth\/login"/)

    await api.prisma.organisation.update({ where: { id }, data: { settings: { offerPasskeys: true } } })
    const member = await api.addPerson([])
    const rp = await client()
    const another = api.browser()
    await another.get(rp.authorizeUrl())
    await another.submit(credentialsOf(member), 'sign-in')
    expect(another.page.body).toMatch(/id="not-now" href="\/oauth2\/authorize\/resume\?request=/)
    const authenticator = softwareAuthenticator()
    await withPasskey(another, authenticator.create(optionsOf(another)))
    expect(another.answer().get('code')).toMatch(/^authz_/)
    const known = api.browser()
    await known.get(rp.authorizeUrl())
    await known.submit(credentialsOf(member), 'sign-in')
    expect(known.answer().get('code')).toMatch(/^authz_/)
    await api.prisma.organisation.update({ where: { id }, data: { settings: {} } })
  })

  it('return to no other page', async () => {
    const person = await api.addPerson([])
    for (const target of ['https://evil.example', '//evil.example', '/account/passkeys/../../x']) {
      const browser = api.browser()
      await browser.get(`/auth/login?return_to=${encodeURIComponent(target)}`)
      await browser.submit(credentialsOf(person), 'sign-in')
      expect(browser.url).toBe(`${ISSUER}/auth/login`)
    }
  })
})
