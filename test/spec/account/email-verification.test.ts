import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { OWNER } from '../../support/app.ts'
import { codeIn, linkIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'

const LINK = 'https://auth.example.com/verify-email?token='
const PASSWORD = 'a long enough passphrase'

let api: Api
let mailbox: Mailbox
beforeAll(async () => {
  mailbox = await openMailbox()
  api = await createApi({ mail: mailbox.transport, onboarding: 'open' })
})
afterAll(async () => {
  await api.close()
  await mailbox.close()
})

const post = (path: string, body: object) => api.send(undefined, 'POST', `/v1/auth/${path}`, { body })
const tokenIn = (path: string) => new URL(path, 'https://x.test').searchParams.get('token') ?? ''
const signIn = (email: string) => post('login', { email, password: PASSWORD })
const isVerified = async (email: string) => (await api.prisma.user.findFirstOrThrow({ where: { email } })).emailVerified
let count = 0
const signUp = (email: string) =>
  post('onboard', {
    organisationName: `New ${(count += 1)}`,
    firstName: 'Ada',
    lastName: 'L',
    email,
    password: PASSWORD,
  })
const sent = (email: string) => mailbox.mails.filter(({ recipients }) => recipients.includes(email)).length

describe('a sign-up without a token, where the server sends mail', () => {
  it('does not disclose by a sign-in whether the address had an account', async () => {
    const email = 'free@example.test'
    const [free, taken] = [await signUp(email), await signUp(OWNER.email)]
    expect([free.statusCode, free.body]).toEqual([202, taken.body])
    const [first, second] = [await signIn(email), await signIn(OWNER.email)]
    const problem = ({ body }: { body: string }) => ({
      ...(JSON.parse(body) as object),
      requestId: undefined,
      instance: undefined,
    })
    expect([first.statusCode, problem(first)]).toEqual([401, problem(second)])
    const notice = await mailbox.next(OWNER.email)
    expect(notice.headers['subject']).toBe('You have an account already')
    const mail = await mailbox.next(email)
    const path = linkIn(mail, LINK)
    const browser = await api.browser().get(path)
    expect([browser.page.statusCode, await isVerified(email)]).toEqual([200, false])
    expect((await signIn(email)).statusCode).toBe(401)
    await browser.submit({}, 'verify')
    expect([browser.page.statusCode, await isVerified(email)]).toEqual([200, true])
    expect((await signIn(email)).statusCode).toBe(200)
    expect((await browser.get(path)).page.body).toContain('Your address is confirmed')
    expect(
      await api.prisma.oneTimeCode.count({ where: { context: { path: ['passwordHash'], string_contains: 'argon2' } } }),
    ).toBe(0)
  })

  it('keeps the password for a newer link', async () => {
    const email = 'again@example.test'
    await signUp(email)
    const first = tokenIn(linkIn(await mailbox.next(email), LINK))
    await post('send-verification-email', { email })
    const second = await mailbox.next(email)
    expect((await post('verify-email', { token: first })).statusCode).toBe(400)
    expect((await post('verify-email', { email, code: codeIn(second) })).statusCode).toBe(200)
    expect((await signIn(email)).statusCode).toBe(200)
  })
})

describe('verifying an address', () => {
  it('is requested alike for every address, and mailed to those that are not verified', async () => {
    const { id } = await api.addPerson([])
    const email = `${id}@example.test`
    const before = sent(OWNER.email)
    const answers = [
      await post('send-verification-email', { email: OWNER.email }),
      await post('send-verification-email', { email: 'unknown@example.test' }),
      await post('send-verification-email', { email }),
    ]
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
    const token = tokenIn(linkIn(await mailbox.next(email), LINK))
    expect([sent(OWNER.email), sent('unknown@example.test')]).toEqual([before, 0])
    const opened = await api.send(undefined, 'GET', `/v1/auth/verify-email?token=${token}`)
    expect([opened.statusCode, opened.headers.location]).toEqual([303, `/verify-email?token=${token}`])
    expect(await isVerified(email)).toBe(false)
    const answer = await Promise.all(Array.from({ length: 4 }, async () => post('verify-email', { token })))
    expect(answer.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
    expect(await api.prisma.auditEvent.count({ where: { userId: id, type: 'user.email_verified' } })).toBe(1)
    expect((await post('verify-email', { token: 'evt_unknown' })).statusCode).toBe(400)
    expect((await post('verify-email', {})).statusCode).toBe(400)
    expect((await api.send(undefined, 'GET', '/v1/auth/verify-email')).statusCode).toBe(400)
  })

  it('works by the code on the page', async () => {
    const { id } = await api.addPerson([])
    const email = `${id}@example.test`
    await post('send-verification-email', { email })
    const mail = await mailbox.next(email)
    const browser = await api.browser().get('/verify-email')
    await browser.submit({ email, code: 'BBBB-BBBB' }, 'verify')
    expect(browser.page.statusCode).toBe(400)
    await browser.submit({ email, code: codeIn(mail) }, 'verify')
    expect(browser.page.body).toContain('Your address is confirmed')
    expect(await isVerified(email)).toBe(true)
  })
})

describe('other names of accepting an invitation', () => {
  const invite = async (email: string) => {
    const answer = await api.send(api.owner, 'POST', '/v1/admin/invitations', { body: { email, deliver: 'link' } })
    return tokenIn(answer.json<{ link: string }>().link)
  }
  const names = { firstName: 'Grace', lastName: 'Hopper', password: PASSWORD }

  it('take the token in the body', async () => {
    const token = await invite('grace@example.test')
    const accepted = await post('invitations/accept', { token, ...names })
    expect([accepted.statusCode, accepted.json()]).toMatchObject([201, { user: { email: 'grace@example.test' } }])
    expect((await post('invitations/accept', { token, ...names })).statusCode).toBe(404)
    expect((await post('register', { token, email: 'grace@example.test', ...names })).statusCode).toBe(400)
  })

  it('as register, need the address', async () => {
    const token = await invite('joan@example.test')
    expect((await post('register', { token, ...names })).statusCode).toBe(400)
    expect((await post('register', { token, email: 'other@example.test', ...names })).statusCode).toBe(409)
    expect((await post('register', { token, email: 'JOAN@example.test', ...names })).statusCode).toBe(201)
  })
})
