import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { linkIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'

const CHANGE = 'https://auth.example.com/change-email?token='
const UNDO = 'https://auth.example.com/undo-email-change?token='

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

let count = 0
const address = () => `new-${(count += 1)}@example.test`
const change = (person: Person, body: object) => api.send(person, 'POST', '/v1/me/email', { body })
const emailOf = async ({ id }: Person) => api.prisma.user.findUniqueOrThrow({ where: { id } })
const isSignedIn = async (person: Person) => (await api.send(person, 'GET', '/v1/me/profile')).statusCode === 200
const signIn = async (email: string, password = PASSWORD) =>
  (await api.send(undefined, 'POST', '/v1/auth/login', { body: { email, password } })).statusCode

describe('changing the address', () => {
  it('waits for the new address, ends the other sessions, and can be undone by the former one', async () => {
    const person = await api.addPerson([])
    const [old, other, email] = [`${person.id}@example.test`, await api.signInAgain(person), address()]
    expect((await change(person, { email, currentPassword: 'wrong' })).statusCode).toBe(400)
    expect((await change(person, { email: old, currentPassword: PASSWORD })).statusCode).toBe(400)
    const requested = await change(person, { email, currentPassword: PASSWORD })
    expect([requested.statusCode, requested.json()]).toMatchObject([202, { pendingEmail: email }])
    const link = linkIn(await mailbox.next(email), CHANGE)
    const browser = await api.browser().get(link)
    expect((await emailOf(person)).email).toBe(old)
    await browser.submit({}, 'confirm')
    expect(await emailOf(person)).toMatchObject({ email, emailVerified: true })
    expect([await isSignedIn(person), await isSignedIn(other)]).toEqual([true, false])
    expect([await signIn(old), await signIn(email)]).toEqual([401, 200])
    expect((await browser.get(link)).page.statusCode).toBe(404)

    const undo = linkIn(await mailbox.next(old), UNDO)
    await browser.get(undo)
    await browser.submit({}, 'confirm')
    expect(browser.url).toContain('/reset-password?token=prt_')
    expect((await emailOf(person)).email).toBe(old)
    expect([await isSignedIn(person), await signIn(old)]).toEqual([false, 401])
    await browser.submit({ new_password: 'another long passphrase' }, 'set-password')
    expect(await signIn(old, 'another long passphrase')).toBe(200)
    const events = await api.prisma.auditEvent.findMany({ where: { type: { contains: 'email_change' } } })
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        'user.email_change.failed',
        'user.email_change.requested',
        'user.email_changed',
        'user.email_change.undone',
      ]),
    )
  })

  it('says at the confirmation that another account has the address, and changes nothing', async () => {
    const [person, holder] = [await api.addPerson([]), await api.addPerson([])]
    const taken = `${holder.id}@example.test`
    expect((await change(person, { email: taken, currentPassword: PASSWORD })).statusCode).toBe(202)
    const browser = await api.browser().get(linkIn(await mailbox.next(taken), CHANGE))
    await browser.submit({}, 'confirm')
    expect(browser.page.statusCode).toBe(409)
    expect(browser.page.body).toContain('This address is taken')
    expect((await emailOf(person)).email).toBe(`${person.id}@example.test`)
  })

  it('follows the newest request only, and keeps the undo link of the first address', async () => {
    const person = await api.addPerson([])
    const old = `${person.id}@example.test`
    const [first, second] = [address(), address()]
    await change(person, { email: first, currentPassword: PASSWORD })
    await change(person, { email: second, currentPassword: PASSWORD })
    const firstLink = linkIn(await mailbox.next(first), CHANGE)
    const browser = await api.browser().get(linkIn(await mailbox.next(second), CHANGE))
    await browser.submit({}, 'confirm')
    expect((await browser.get(firstLink)).page.statusCode).toBe(404)
    const undo = linkIn(await mailbox.next(old), UNDO)
    const third = address()
    await change(person, { email: third, currentPassword: PASSWORD })
    await browser.get(linkIn(await mailbox.next(third), CHANGE))
    await browser.submit({}, 'confirm')
    await browser.get(undo)
    await browser.submit({}, 'confirm')
    expect((await emailOf(person)).email).toBe(old)
  })

  it('is begun by administrators who hold the permissions of the user', async () => {
    const person = await api.addPerson([])
    const email = address()
    const helper = await api.addPerson(['users:update'])
    const path = (id: string) => `/v1/admin/users/${id}/email`
    expect((await api.send(helper, 'POST', path(api.owner.id), { body: { email } })).statusCode).toBe(403)
    expect((await api.send(helper, 'POST', path(person.id), { body: { email } })).statusCode).toBe(202)
    const browser = await api.browser().get(linkIn(await mailbox.next(email), CHANGE))
    await browser.submit({}, 'confirm')
    expect((await emailOf(person)).email).toBe(email)
    expect(await isSignedIn(person)).toBe(false)
  })
})
