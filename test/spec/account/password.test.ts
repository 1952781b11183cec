import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

const NEW_PASSWORD = 'another fine password'

let api: Api
let person: Person
beforeEach(async () => {
  api = await createApi({ limits: { account: { max: 3, window: 900 } } })
  person = await api.addPerson([])
})
afterEach(() => api.close())

const change = (body: object = {}, as: Person = person) =>
  api.send(as, 'POST', '/v1/me/password', { body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...body } })
const signIn = async (password: string) =>
  (
    await api.app.inject({
      method: 'POST',
      url: '/v1/auth/login',
      payload: { email: `${person.id}@example.test`, password },
    })
  ).statusCode
const profile = async (as: Person) => (await api.send(as, 'GET', '/v1/me/profile')).statusCode
const issuesOf = async (answer: ReturnType<typeof change>) => {
  const { statusCode, body } = await answer
  const { errors } = JSON.parse(body) as { errors: { path: string[]; message: string }[] }
  return [statusCode, ...errors.map(({ path, message }) => `${path.join('.')} ${message}`)]
}
const browserOf = ({ cookie }: Person) => {
  const browser = api.browser()
  browser.cookies.set('cerb_sid', cookie.slice('cerb_sid='.length))
  return browser
}
const eventTypes = async () =>
  (await api.events()).filter(({ userId }) => userId === person.id).map(({ type, success }) => [type, success])

describe('one’s own password', () => {
  it('is replaced by the next', async () => {
    const answer = await change()
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect(await Promise.all([signIn(NEW_PASSWORD), signIn(PASSWORD)])).toEqual([200, 401])
    expect((await eventTypes())[0]).toEqual(['user.password_changed', true])
  })

  it('ends the other sessions and what was issued in them, and keeps this one', async () => {
    const other = await api.signInAgain(person)
    const client = await api.registerClient({
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      backchannelLogoutUri: 'https://app.example.com/logout',
      requireConsent: false,
    })
    const rp = relyingParty(api, client)
    const offline = { scope: 'openid offline_access' }
    const own = await rp.tokens(browserOf(person))
    const lost = [await rp.tokens(browserOf(other)), await rp.tokens(browserOf(other), offline)]
    expect((await change()).statusCode).toBe(204)
    expect(await Promise.all([profile(person), profile(other)])).toEqual([200, 401])
    for (const tokens of lost) {
      expect((await rp.refresh(tokens.refresh_token)).statusCode).toBe(400)
      expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    }
    expect((await rp.refresh(own.refresh_token)).statusCode).toBe(200)
    expect(await api.prisma.backchannelLogout.findMany()).toMatchObject([{ sessionId: other.sessionId }])
  })

  it('ends no session of another user', async () => {
    await change()
    expect(await profile(api.owner)).toBe(200)
  })

  it('is not replaced without the current one, and guesses are limited by account, whatever their session', async () => {
    const other = await api.signInAgain(person)
    for (const as of [person, other, person]) {
      const answer = change({ currentPassword: 'a wrong password' }, as)
      expect(await issuesOf(answer)).toEqual([400, 'currentPassword is not correct'])
    }
    for (const as of [person, other]) {
      const answer = await change({}, as)
      expect([answer.statusCode, Number(answer.headers['retry-after']) > 0]).toEqual([429, true])
    }
    expect(await eventTypes()).toEqual(Array.from({ length: 3 }, () => ['user.password_change.failed', false]))
    expect(await profile(other)).toBe(200)
    expect(await signIn(PASSWORD)).toBe(200)
    api.clock.advance(901)
    expect((await change()).statusCode).toBe(204)
  })

  it('can be replaced while strangers are guessing it at sign-in', async () => {
    for (let guess = 0; guess < 4; guess += 1) await signIn('a wrong password')
    expect((await change()).statusCode).toBe(204)
  })

  it('is rejected if it is weak, without counting an attempt', async () => {
    const common = 'is one of the most common passwords, or a simple pattern'
    const cases = [
      ['kd82-mw', 'must have at least 8 characters'],
      ['ä'.repeat(513), 'must have at most 1024 bytes in UTF-8'],
      ['Password123', common],
      [`${person.id}@example.test`, "must not be the user's e-mail address or name"],
      [PASSWORD, 'must not be the current one'],
      [PASSWORD.replace('word', 'ｗｏｒｄ'), 'must not be the current one'],
    ]
    for (const [newPassword, issue] of cases) {
      expect(await issuesOf(change({ newPassword }))).toEqual([400, `newPassword ${issue}`])
    }
    for (const body of [{ newPassword: '' }, { newPassword: null }, { currentPassword: 1 }, { email: 'x' }]) {
      expect((await change(body)).statusCode).toBe(400)
    }
    expect(await eventTypes()).toEqual([])
    expect((await change()).statusCode).toBe(204)
  })

  it('is replaced once by requests at the same time', async () => {
    const answers = await Promise.all(
      [NEW_PASSWORD, 'a third fine password'].map((newPassword) => change({ newPassword })),
    )
    const changed = answers.filter(({ statusCode }) => statusCode === 204)
    expect([changed.length, answers.every(({ statusCode }) => [204, 400, 409].includes(statusCode))]).toEqual([1, true])
    const outcomes = await Promise.all([signIn(NEW_PASSWORD), signIn('a third fine password')])
    expect(outcomes.toSorted()).toEqual([200, 401])
  })

  it('cannot be set by users who sign in without one', async () => {
    await api.prisma.user.update({ where: { id: person.id }, data: { passwordHash: null } })
    expect(await issuesOf(change())).toEqual([400, 'currentPassword is not correct'])
  })
})
