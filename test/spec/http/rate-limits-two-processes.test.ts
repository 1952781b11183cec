import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, OWNER, type TestApp, type TestAppOptions } from '../../support/app.ts'
import { createTestClock, type TestClock } from '../../support/clock.ts'
import { createSeededDatabase, type TestDatabase } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

describe('limits over two processes', () => {
  let database: TestDatabase
  let clock: TestClock
  let one: TestApp
  let two: TestApp
  beforeEach(async () => {
    database = await createSeededDatabase()
    clock = createTestClock()
  })
  afterEach(async () => {
    await one.close()
    await two.close()
    await database.drop()
  })
  async function start(limits: TestAppOptions['limits']): Promise<void> {
    const { connectionString } = database
    one = await createTestApp({ connectionString, clock, limits: limits ?? {}, flushIntervalMs: 5 })
    two = await createTestApp({ connectionString, clock, limits: limits ?? {}, flushIntervalMs: 5 })
  }

  const page = (test: TestApp) => test.app.inject({ method: 'GET', url: '/auth/login' })
  const signIn = (test: TestApp, password: string) =>
    test.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { ...OWNER, password } })
  const fail = (test: TestApp) =>
    test.app.inject({
      method: 'POST',
      url: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'grant_type=client_credentials&client_id=unknown&client_secret=wrong',
    })

  it('one process counts the requests to another, in each error format, until the window ends', async () => {
    await start({ general: { max: 20, window: 60 } })
    for (let count = 0; count < 20; count += 1) expect((await page(one)).statusCode).toBe(200)
    expect((await page(one)).statusCode).toBe(429)
    const refused = await eventually(
      () => page(two),
      ({ statusCode }) => statusCode === 429,
    )
    expect(refused.headers['content-type']).toMatch(/^text\/html/)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    const problem = await signIn(two, OWNER.password)
    expect([problem.statusCode, problem.headers['content-type']]).toEqual([429, 'application/problem+json'])
    clock.advance(60)
    for (const test of [one, two]) expect((await page(test)).statusCode).toBe(200)
  })

  it('a failure is answered by what all have counted', async () => {
    await start({ clientAuthentication: { max: 3, window: 60 } })
    for (let count = 0; count < 3; count += 1) expect((await fail(one)).statusCode).toBe(401)
    for (const test of [one, two, two]) {
      const answer = await fail(test)
      expect(answer.statusCode).toBe(429)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    clock.advance(60)
    for (const test of [one, two]) expect((await fail(test)).statusCode).toBe(401)
  })

  it('an account that is locked by one is locked by all, and free for all after a success anywhere', async () => {
    await start({ account: { max: 4, window: 900 } })
    for (const test of [one, two, one]) expect((await signIn(test, 'not it')).statusCode).toBe(401)
    expect((await signIn(two, OWNER.password)).statusCode).toBe(200)
    for (const test of [one, two, one, two]) expect((await signIn(test, 'not it')).statusCode).toBe(401)
    for (const test of [one, two]) expect((await signIn(test, OWNER.password)).statusCode).toBe(429)
    clock.advance(900)
    for (const test of [one, two]) expect((await signIn(test, OWNER.password)).statusCode).toBe(200)
  })

  it('an attempt that its address is refused is not held against the account', async () => {
    await start({ signIn: { max: 3, window: 60 }, account: { max: 4, window: 900 } })
    for (let count = 0; count < 3; count += 1) await signIn(one, 'not it')
    for (const test of [one, two, one, two]) expect((await signIn(test, 'not it')).statusCode).toBe(429)
    clock.advance(60)
    expect((await signIn(two, OWNER.password)).statusCode).toBe(200)
  })
})
