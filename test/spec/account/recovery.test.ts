import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { authenticatorApp } from '../../support/authenticator-app.ts'
import type { Browser } from '../../support/browser.ts'
import { codeIn, linkIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'
import { relyingParty } from '../../support/relying-party.ts'

const LINK = 'https://auth.example.com/reset-password?token='
const NOTICE = 'https://auth.example.com/secure-account?token='
const NEW = 'another long passphrase'

let api: Api
let mailbox: Mailbox
beforeAll(async () => {
  mailbox = await openMailbox()
  api = await createApi({ mail: mailbox.transport })
})
afterAll(async () => {
  await api.close()
  await mailbox.close()
})

async function newPerson(): Promise<Person & { email: string }> {
  const person = await api.addPerson([])
  return { ...person, email: `${person.id}@example.test` }
}
const forgot = (email: string) => api.send(undefined, 'POST', '/v1/auth/forgot-password', { body: { email } })
const reset = (body: object) => api.send(undefined, 'POST', '/v1/auth/reset-password', { body })
const signIn = (email: string, password: string) =>
  api.send(undefined, 'POST', '/v1/auth/login', { body: { email, password } })
const isSignedIn = async (person: Person) => (await api.send(person, 'GET', '/v1/me/profile')).statusCode === 200
const tokenIn = (path: string) => new URL(path, 'https://x.test').searchParams.get('token') ?? ''
async function mailedLink(email: string) {
  await forgot(email)
  const mail = await mailbox.next(email)
  return { mail, path: linkIn(mail, LINK), token: tokenIn(linkIn(mail, LINK)), code: codeIn(mail) }
}
const sent = (email: string) => mailbox.mails.filter(({ recipients }) => recipients.includes(email)).length
const newApiKey = (userId: string) =>
  api.prisma.apiKey.create({
    data: {
      id: crypto.randomUUID(),
      organisationId: api.owner.organisation.id,
      userId,
      name: 'deployment',
      prefix: 'cerb_abc',
      keyHash: Buffer.from(crypto.randomUUID()),
      scopes: ['users:read'],
      allowedAddresses: [],
      expiresAt: new Date(api.clock.now().getTime() + 86_400_000),
      createdAt: api.clock.now(),
    },
  })

describe('a forgotten password (OWASP Forgot Password)', () => {
  it('answers alike for every address, and mails users who may sign in only', async () => {
    const blocked = await newPerson()
    const { email, id } = await newPerson()
    await api.send(api.owner, 'PATCH', `/v1/admin/users/${blocked.id}`, { body: { blockedAt: '2026-01-01T00:00:00Z' } })
    const suspended = await newPerson()
    await api.send(api.owner, 'POST', `/v1/admin/users/${suspended.id}/suspend`, { body: {} })
    const answers = await Promise.all(
      ['unknown@example.test', blocked.email, suspended.email, email].map(async (address) => forgot(address)),
    )
    const seen = answers.map(({ statusCode, body }) => [statusCode, body])
    expect(new Set(seen.map(String)).size).toBe(1)
    expect(seen[0]?.[0]).toBe(200)
    await mailbox.next(email)
    expect([sent('unknown@example.test'), sent(blocked.email), sent(suspended.email)]).toEqual([0, 0, 0])
    expect(await api.prisma.oneTimeCode.count({ where: { userId: { in: [blocked.id, suspended.id] } } })).toBe(0)
    expect(await api.prisma.oneTimeCode.count({ where: { userId: id } })).toBe(1)
    expect((await forgot('no address')).statusCode).toBe(400)
  })

  it('ends sessions and verifies the address, keeps API keys unless they are to end, and mails a notice', async () => {
    const person = await newPerson()
    await newApiKey(person.id)
    const { token } = await mailedLink(person.email)
    expect(await isSignedIn(person)).toBe(true)
    expect((await reset({ token, password: 'short' })).statusCode).toBe(400)
    const done = await reset({ token, newPassword: NEW })
    expect(done.statusCode).toBe(200)
    expect(done.json()).toMatchObject({ apiKeys: [{ name: 'deployment' }], passkeys: [] })
    expect(done.headers['set-cookie']).toBeUndefined()
    expect(await isSignedIn(person)).toBe(false)
    expect((await signIn(person.email, PASSWORD)).statusCode).toBe(401)
    expect((await signIn(person.email, NEW)).statusCode).toBe(200)
    expect((await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } })).emailVerified).toBe(true)
    expect((await mailbox.next(person.email)).headers['subject']).toBe('Your password was changed')
    expect((await reset({ token, password: `${NEW} 2` })).statusCode).toBe(400)

    const again = await mailedLink(person.email)
    expect((await reset({ token: again.token, password: `${NEW} 3`, revokeApiKeys: true })).json()).toMatchObject({
      apiKeys: [],
    })
    const events = await api.prisma.auditEvent.findMany({ where: { userId: person.id, type: { contains: 'reset' } } })
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      'user.password_reset',
      'user.password_reset',
      'user.password_reset.requested',
      'user.password_reset.requested',
    ])
    const stored = JSON.stringify([events, await api.prisma.oneTimeCode.findMany()])
    expect(stored).not.toContain(token.slice(4))
    expect(api.logs.join('')).not.toContain(token.slice(4))
  })

  it('is set once, however many requests bring the link at the same time', async () => {
    const { email } = await newPerson()
    const { token } = await mailedLink(email)
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => reset({ token, password: `${NEW} ${index}` })),
    )
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })

  it('needs the newest link, within an hour, for the address that the account still has', async () => {
    const person = await newPerson()
    const first = await mailedLink(person.email)
    const second = await mailedLink(person.email)
    expect((await reset({ token: first.token, password: NEW })).statusCode).toBe(400)
    await api.prisma.user.update({ where: { id: person.id }, data: { emailKey: 'moved@example.test' } })
    expect((await reset({ token: second.token, password: NEW })).statusCode).toBe(400)
    await api.prisma.user.update({ where: { id: person.id }, data: { emailKey: person.email } })
    api.clock.advance(3_601)
    expect((await reset({ token: second.token, password: NEW })).statusCode).toBe(400)
  })

  it('takes the code instead, in any spelling, ten times at most', async () => {
    const { email } = await newPerson()
    const { code } = await mailedLink(email)
    const wrong = code.startsWith('B') ? `C${code.slice(1)}` : `B${code.slice(1)}`
    expect((await reset({ email, code: wrong, password: NEW })).statusCode).toBe(400)
    const spelled = ` ${code.toLowerCase().replace('-', ' ')} `
    expect((await reset({ email: email.toUpperCase(), code: spelled, password: NEW })).statusCode).toBe(200)
    await mailbox.next(email)
    const other = await mailedLink(email)
    for (let attempt = 0; attempt < 10; attempt += 1) await reset({ email, code: wrong, password: NEW })
    expect((await reset({ email, code: other.code, password: NEW })).statusCode).toBe(400)
    expect((await reset({ token: other.token, password: NEW })).statusCode).toBe(200)
  })

  it.each([
    [{ password: NEW }],
    [{ token: 'x', code: 'x', email: 'a@b.test', password: NEW }],
    [{ token: 'x', password: NEW, newPassword: NEW }],
    [{ token: 'x' }],
    [{ token: 'prt_unknown', password: NEW }],
    [{ token: 'x', password: NEW, userId: 'y' }],
  ])('rejects %j', async (body) => {
    expect((await reset(body)).statusCode).toBe(400)
  })
})

describe('the pages', () => {
  const submitAddress = async (browser: Browser, email: string) => {
    await browser.submit({ email }, 'send')
    expect(browser.page.statusCode).toBe(200)
    return mailbox.next(email)
  }

  it('lead from the sign-in page of an application back to it, and no scanner uses up the link', async () => {
    const { email } = await newPerson()
    const rp = relyingParty(api, await api.registerClient())
    const browser = await api.browser().get(rp.authorizeUrl())
    const url = /id="forgot-password" href="([^"]*)"/.exec(browser.page.body)?.[1]?.replaceAll('&amp;', '&')
    await browser.get(url ?? '')
    const mail = await submitAddress(browser, email)
    for (let scans = 0; scans < 3; scans += 1) await api.browser().get(linkIn(mail, LINK))
    await browser.get(linkIn(mail, LINK))
    expect(browser.page.body).not.toContain('another device')
    await browser.submit({ new_password: 'short' }, 'set-password')
    expect(browser.page.statusCode).toBe(400)
    await browser.submit({ new_password: NEW }, 'set-password')
    const signInUrl = /id="sign-in" href="([^"]*)"/.exec(browser.page.body)?.[1] ?? ''
    await browser.get(signInUrl.replaceAll('&amp;', '&'))
    await browser.submit({ email, password: NEW }, 'sign-in')
    expect(browser.answer().has('code')).toBe(true)
  })

  it('continue in another browser, which says so, and on which the code works as well', async () => {
    const { email } = await newPerson()
    const first = await api.browser().get('/forgot-password')
    const mail = await submitAddress(first, email)
    const other = await api.browser().get(linkIn(mail, LINK))
    expect(other.page.body).toContain('You started on another device')
    await first.submit({ code: 'BBBB-BBBB' }, 'code')
    expect(first.page.statusCode).toBe(400)
    await first.submit({ code: codeIn(mail) }, 'code')
    await first.submit({ new_password: NEW }, 'set-password')
    expect(first.page.body).toContain('Your password is changed')
    expect((await other.get(linkIn(mail, LINK))).page.statusCode).toBe(404)
  })

  it('need the CSRF token', async () => {
    const { email } = await newPerson()
    const { path, token } = await mailedLink(email)
    const browser = await api.browser().get(path)
    await browser.post('/reset-password', { token, new_password: NEW })
    expect(browser.page.statusCode).toBe(403)
    expect((await signIn(email, PASSWORD)).statusCode).toBe(200)
  })
})

describe('the notice of a changed password', () => {
  it('closes the account to everyone but the holder of the mailbox', async () => {
    const person = await newPerson()
    await newApiKey(person.id)
    const changed = await api.send(person, 'POST', '/v1/me/password', {
      body: { currentPassword: PASSWORD, newPassword: NEW },
    })
    expect(changed.statusCode).toBe(204)
    const mail = await mailbox.next(person.email)
    expect(mail.headers['subject']).toBe('Your password was changed')
    const browser = await api.browser().get(linkIn(mail, NOTICE))
    expect(browser.page.statusCode).toBe(200)
    expect(await isSignedIn(person)).toBe(true)
    await browser.submit({}, 'secure')
    expect(browser.url).toContain('/reset-password?token=prt_')
    expect(await isSignedIn(person)).toBe(false)
    expect((await signIn(person.email, NEW)).statusCode).toBe(401)
    expect(await api.prisma.apiKey.count({ where: { userId: person.id, revokedAt: null } })).toBe(0)
    await browser.submit({ new_password: `${NEW} 2` }, 'set-password')
    expect((await signIn(person.email, `${NEW} 2`)).statusCode).toBe(200)
    expect((await api.browser().get(linkIn(mail, NOTICE))).page.statusCode).toBe(404)
    const events = await api.prisma.auditEvent.count({ where: { userId: person.id, type: 'user.account_secured' } })
    expect(events).toBe(1)
  })
})

describe('a server that sends no mail', () => {
  it('has no link on the sign-in page, and says so on the page itself', async () => {
    const other = await createApi()
    expect((await other.browser().get('/auth/login')).page.body).not.toContain('forgot-password')
    expect((await other.browser().get('/forgot-password')).page.body).toContain('sends no mail')
    const answer = await other.send(undefined, 'POST', '/v1/auth/forgot-password', { body: { email: 'a@b.test' } })
    expect(answer.statusCode).toBe(200)
    await other.close()
  })
})

describe('a change of the second factor', () => {
  it('is reported by mail, with a link that closes the account to others', async () => {
    const { email, ...person } = await newPerson()
    const { secret = '' } = (await api.send(person, 'POST', '/v1/me/mfa/enable')).json<Record<string, string>>()
    const app = authenticatorApp(secret, api.clock)
    const sendCode = async (operation: string, token: string) => {
      const answer = await api.send(person, 'POST', `/v1/me/mfa/${operation}`, { body: { token } })
      expect(answer.statusCode).toBe(200)
      return mailbox.next(email)
    }
    const added = await sendCode('verify', app.code())
    expect([added.headers['subject'], linkIn(added, NOTICE)]).toEqual([
      'An authenticator app was set up',
      expect.stringContaining('token='),
    ])
    api.clock.advance(60)
    const removed = await sendCode('disable', app.code())
    expect(removed.headers['subject']).toBe('Your authenticator app was removed')
    const browser = api.browser()
    await browser.get(linkIn(removed, NOTICE))
    await browser.submit({}, 'secure')
    expect(await isSignedIn(person)).toBe(false)
  })

  it('is reported by mail when a sign-in sets it up', async () => {
    const organisation = await api.addOrganisation('two-step')
    const person = await api.addPerson([], organisation)
    await api.prisma.organisation.update({ where: { id: organisation.id }, data: { settings: { requireMfa: true } } })
    const email = `${person.id}@example.test`
    const browser = api.browser()
    await browser.get('/auth/login')
    await browser.submit({ email, password: PASSWORD }, 'sign-in')
    const secret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(browser.page.body)?.[1]?.replaceAll(' ', '') ?? ''
    await browser.submit({ code: authenticatorApp(secret, api.clock).code() }, 'verify')
    expect((await mailbox.next(email)).headers['subject']).toBe('An authenticator app was set up')
  })
})
