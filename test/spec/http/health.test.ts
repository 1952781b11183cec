import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'

describe('health checks', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  /** The levels of the lines about finished requests. */
  const levels = () =>
    test.logs
      .splice(0)
      .map((line) => JSON.parse(line) as { level: number; msg: string; path: string })
      .filter(({ msg }) => msg === 'request completed')
      .map(({ level, path }) => [path, level])

  it('that succeed are logged at debug, other requests at info', async () => {
    test.logs.length = 0
    for (const url of ['/health', '/health/live', '/health/ready?probe=1', '/healthy', '/oauth2/jwks.json']) {
      await test.app.inject(url)
    }
    expect(levels()).toEqual([
      ['/health', 20],
      ['/health/live', 20],
      ['/health/ready', 20],
      ['/healthy', 30],
      ['/oauth2/jwks.json', 30],
    ])
  })

  it('say why the database is not ready, and are logged at info then', async () => {
    const { pool } = test.database
    await pool.query(`UPDATE _prisma_migrations SET finished_at = NULL`)
    const answer = await test.app.inject('/health/ready')
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'unavailable', reason: 'not_migrated' }])
    expect(answer.headers['retry-after']).toBe('1')
    expect(levels()).toEqual([['/health/ready', 30]])
    await pool.query(`UPDATE _prisma_migrations SET finished_at = now()`)
    expect((await test.app.inject('/health/ready')).statusCode).toBe(200)
  })
})
