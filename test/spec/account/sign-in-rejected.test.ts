import type { LightMyRequestResponse } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { createPasswords } from '../../../src/authentication/factors/password/passwords.ts'
import { resetOwner } from '../../../src/organisations/reset-owner.ts'
import { createOwnerRepository } from '../../../src/storage/organisations/owners.ts'
import { cheapHashing } from '../../support/seed.ts'
import { createTestApp, OWNER, type TestApp, type TestAppOptions } from '../../support/app.ts'

const LOGIN = '/v1/auth/login'
const WRONG = 'not the password'

const attempt = (test: TestApp, email: string, password: string, headers: Record<string, string> = {}) =>
  test.app.inject({ method: 'POST', url: LOGIN, headers, payload: { email, password } })

/** An answer without what is different in every answer. */
function comparable({ statusCode, headers, body }: LightMyRequestResponse) {
  const { 'x-request-id': id, date: _, ...rest } = headers
  return { statusCode, headers: rest, body: body.replaceAll(String(id), '<request>') }
}

describe('who is not let in', () => {
  let api: Api
  const email = (id: string) => `${id}@example.test`
  beforeAll(async () => {
    api = await createApi()
  })
  afterAll(() => api.close())

  const PASSWORD = 'a password of everybody'

  it('does not reveal whether the account exists', async () => {
    const known = await api.addPerson([])
    const blocked = await api.addPerson([])
    const deleted = await api.addPerson([])
    const without = await api.addPerson([])
    const { prisma, clock } = api
    await prisma.user.update({ where: { id: blocked.id }, data: { blockedAt: clock.now() } })
    await prisma.user.update({ where: { id: deleted.id }, data: { deletedAt: clock.now() } })
    await prisma.user.update({ where: { id: without.id }, data: { passwordHash: null } })
    const wrong = comparable(await attempt(api, email(known.id), WRONG))
    expect(wrong.statusCode).toBe(401)
    expect(wrong.headers['set-cookie']).toBeUndefined()
    for (const [who, password] of [
      ['unknown@example.test', WRONG],
      ['not even an address', WRONG],
      [email(blocked.id), WRONG],
      [email(deleted.id), PASSWORD],
      [email(without.id), PASSWORD],
      [email(known.id), `${PASSWORD} `],
      [email(known.id), PASSWORD.toUpperCase()],
      [email(known.id), 'x'.repeat(1025)],
    ] as const) {
      const answer = comparable(await attempt(api, who, password))
      expect(answer).toEqual(wrong)
    }
  })

  it('reports a blocked account or a closed organisation only with the correct password', async () => {
    const blocked = await api.addPerson([])
    const tenant = await api.addPerson([], await api.addOrganisation('closed'))
    await api.prisma.user.update({ where: { id: blocked.id }, data: { blockedAt: api.clock.now() } })
    await api.prisma.organisation.update({ where: { id: tenant.organisation.id }, data: { status: 'suspended' } })
    for (const { id } of [blocked, tenant]) {
      const answer = await attempt(api, email(id), PASSWORD)
      expect([answer.statusCode, answer.cookies]).toEqual([401, []])
      expect(answer.json<{ detail: string }>().detail).not.toBe(
        (await attempt(api, email(id), WRONG)).json<{ detail: string }>().detail,
      )
    }
  })

  it('is an overlong password, by its size alone', async () => {
    expect((await attempt(api, OWNER.email, 'x'.repeat(1_048_576))).statusCode).toBe(413)
    expect((await attempt(api, OWNER.email, 'x'.repeat(100_000))).statusCode).toBeGreaterThanOrEqual(400)
    const page = api.browser()
    await page.get('/auth/login')
    await page.submit({ email: OWNER.email, password: 'x'.repeat(1_048_576) }, 'sign-in')
    expect(page.page.statusCode).toBe(413)
    expect(page.cookies.has('cerb_sid')).toBe(false)
  })

  it.each(['OWNER@ACME.TEST', '  owner@acme.test ', 'ｏｗｎｅｒ@acme.test', 'Owner@Acme.Test'])(
    'accepts the e-mail address as %j',
    async (spelling) => {
      expect((await attempt(api, spelling, OWNER.password)).statusCode).toBe(200)
    },
  )
})

describe('how often one may try', () => {
  let test: TestApp
  const start = async (limits: TestAppOptions['limits']) => {
    test = await createTestApp({ limits: limits ?? {} })
  }
  afterEach(() => test.close())

  const SPELLINGS = ['owner@acme.test', 'OWNER@ACME.TEST', ' owner@acme.test  ', 'ｏｗｎｅｒ@acme.test']

  async function expectThrottled(answer: LightMyRequestResponse): Promise<void> {
    expect(answer.statusCode).toBe(429)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(answer.cookies).toEqual([])
  }

  it('is counted by account, however its address is spelled', async () => {
    await start({ account: { max: 4, window: 900 } })
    for (const spelling of SPELLINGS) expect((await attempt(test, spelling, WRONG)).statusCode).toBe(401)
    for (const spelling of SPELLINGS) await expectThrottled(await attempt(test, spelling, OWNER.password))
    const page = test.browser()
    await page.get('/auth/login')
    await page.submit(OWNER, 'sign-in')
    expect(page.page.statusCode).toBe(429)
    expect(Number(page.page.headers['retry-after'])).toBeGreaterThan(0)
    expect(page.cookies.has('cerb_sid')).toBe(false)
    // Another account is not locked, and the lock expires.
    expect((await attempt(test, 'another@acme.test', WRONG)).statusCode).toBe(401)
    test.clock.advance(900)
    expect((await attempt(test, OWNER.email, OWNER.password)).statusCode).toBe(200)
  })

  it('is counted for accounts that do not exist just the same', async () => {
    await start({ account: { max: 2, window: 900 } })
    for (const email of [OWNER.email, 'unknown@acme.test']) {
      for (let count = 0; count < 2; count += 1) expect((await attempt(test, email, WRONG)).statusCode).toBe(401)
    }
    const [known, unknown] = [await attempt(test, OWNER.email, WRONG), await attempt(test, 'unknown@acme.test', WRONG)]
    await expectThrottled(known)
    expect(comparable(unknown)).toEqual(comparable(known))
  })

  it('holds for attempts that are made at the same time', async () => {
    await start({ account: { max: 3, window: 900 } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(test, OWNER.email, WRONG)))
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(3)
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(9)
  })

  it('begins anew once the password was right', async () => {
    await start({ account: { max: 3, window: 900 } })
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 2; count += 1) await attempt(test, OWNER.email, WRONG)
      expect((await attempt(test, OWNER.email, OWNER.password)).statusCode).toBe(200)
    }
  })

  it('begins anew with a new password, which an owner may need who was locked out', async () => {
    await start({ account: { max: 2, window: 900 } })
    for (let count = 0; count < 2; count += 1) await attempt(test, OWNER.email, WRONG)
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password))
    const result = await resetOwner({
      owners: createOwnerRepository(test.database.pool),
      clock: test.clock,
      hashPassword: createPasswords(1, cheapHashing).hash,
      email: undefined,
    })
    const password = result.outcome === 'reset' ? result.password : ''
    for (let count = 0; count < 2; count += 1) {
      expect((await attempt(test, OWNER.email, WRONG)).statusCode).toBe(401)
    }
    await expectThrottled(await attempt(test, OWNER.email, password))
    test.clock.advance(900)
    expect((await attempt(test, OWNER.email, password)).statusCode).toBe(200)
  })

  it('is counted by address, whichever account is tried and whatever a header says', async () => {
    await start({ signIn: { max: 5, window: 60 } })
    for (let count = 0; count < 5; count += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${count}`, forwarded: `for=203.0.113.${count}` }
      expect((await attempt(test, `unknown-${count}@acme.test`, WRONG, headers)).statusCode).toBe(401)
    }
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, { 'x-forwarded-for': '203.0.113.99' }))
    test.clock.advance(60)
    expect((await attempt(test, OWNER.email, OWNER.password)).statusCode).toBe(200)
  })

  const PROXY = { mtls: { trustedProxies: ['127.0.0.1'] } }
  const from = (address: string, cookie = '') => ({ 'x-forwarded-for': address, ...(cookie !== '' && { cookie }) })
  const deviceOf = ({ cookies }: LightMyRequestResponse) => {
    const device = cookies.find(({ name }) => name.endsWith('cerb_device'))
    expect(device).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', maxAge: 180 * 86_400 })
    return `${device?.name}=${device?.value}`
  }

  it('is counted by account and network, so that a stranger locks out only the own network', async () => {
    test = await createTestApp({ limits: { account: { max: 2, window: 900 } }, ...PROXY })
    for (let count = 0; count < 2; count += 1) await attempt(test, OWNER.email, WRONG, from(`2001:db8::${count}`))
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, from('2001:db8::9')))
    expect((await attempt(test, OWNER.email, OWNER.password, from('2001:db8:1::9'))).statusCode).toBe(200)
  })

  it('does not lock out a browser that is known to the account, whatever strangers try', async () => {
    test = await createTestApp({ limits: { account: { max: 2, window: 900 } }, ...PROXY })
    const known = deviceOf(await attempt(test, OWNER.email, OWNER.password, from('192.0.2.1')))
    expect(known).not.toContain('owner')
    // Ten networks use up their attempts: then the account is closed to every stranger.
    for (let count = 0; count < 20; count += 1) {
      const answer = await attempt(test, OWNER.email, WRONG, from(`198.51.100.${Math.floor(count / 2)}`))
      expect(answer.statusCode).toBe(401)
    }
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, from('203.0.113.1')))
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, from('192.0.2.1')))
    expect((await attempt(test, OWNER.email, OWNER.password, from('192.0.2.1', known))).statusCode).toBe(200)
    expect((await attempt(test, OWNER.email, OWNER.password, from('203.0.113.7', known))).statusCode).toBe(200)
    // Also on the page, and a success there does not open the account to strangers.
    const page = test.browser()
    page.cookies.set(known.slice(0, known.indexOf('=')), known.slice(known.indexOf('=') + 1))
    await page.get('/auth/login')
    await page.submit(OWNER, 'sign-in')
    expect(page.cookies.has('cerb_sid')).toBe(true)
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, from('203.0.113.1')))
  })

  it('is counted for a known browser by itself', async () => {
    test = await createTestApp({ limits: { account: { max: 2, window: 900 } }, ...PROXY })
    const known = deviceOf(await attempt(test, OWNER.email, OWNER.password, from('192.0.2.1')))
    for (let count = 0; count < 2; count += 1) {
      expect((await attempt(test, OWNER.email, WRONG, from(`198.51.100.${count}`, known))).statusCode).toBe(401)
    }
    await expectThrottled(await attempt(test, OWNER.email, OWNER.password, from('198.51.100.3', known)))
    expect((await attempt(test, OWNER.email, OWNER.password, from('198.51.100.3'))).statusCode).toBe(200)
  })

  it('knows a browser for the accounts that signed in to it, and no forged cookie', async () => {
    const api = await createApi({ limits: { account: { max: 1, window: 900 } } })
    test = api
    const other = await api.addPerson([])
    const email = `${other.id}@example.test`
    const first = deviceOf(await attempt(api, OWNER.email, OWNER.password))
    await attempt(api, email, WRONG)
    // Strangers for the other account: the cookie of the owner, and what can be made of it.
    const [name = '', value = ''] = first.split('=')
    const [id = '', mac = ''] = value.split('.')
    for (const forged of [
      value,
      `${id}.${'A'.repeat(43)}`,
      `${'A'.repeat(22)}.${mac}`,
      id,
      `${value}.${mac}.x`,
      '💥',
    ]) {
      const cookie = `${name}=${encodeURIComponent(forged)}`
      await expectThrottled(await attempt(api, email, 'a password of everybody', { cookie }))
    }
    api.clock.advance(900)
    const both = deviceOf(await attempt(api, email, 'a password of everybody', { cookie: first }))
    await attempt(api, OWNER.email, WRONG)
    await attempt(api, email, WRONG)
    for (const [account, password] of [
      [OWNER.email, OWNER.password],
      [email, 'a password of everybody'],
    ] as const) {
      await expectThrottled(await attempt(api, account, password))
      expect((await attempt(api, account, password, { cookie: both })).statusCode).toBe(200)
    }
  })
})
