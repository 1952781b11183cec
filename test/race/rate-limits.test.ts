import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { OWNER } from '../support/server-processes.ts'
import { describeWithValkey, startValkey, type TestValkey } from '../support/valkey.ts'
import { startServerGroup, type ServerGroup } from './server-group.ts'
import { RACE_TIMEOUT_MS } from './race-report.ts'
import {
  ACCOUNT_MAX,
  requestSequentially,
  countStatuses,
  failSequentially,
  guessConcurrently,
  RATE_LIMIT_ENVIRONMENT,
  REQUEST_MAX,
  signIn,
  signInEverywhere,
  signInAfterFailures,
  TOKEN_MAX,
} from './rate-limit-scenarios.ts'

const GUESSES = 50

/** The limits hold over all processes of a bench. */
function itHolds(bench: () => ServerGroup): void {
  it('and begin anew after a success', async () => {
    for (let round = 0; round < 3; round += 1) {
      const statuses = await signInAfterFailures(bench(), round, '203.0.113.1')
      expect(countStatuses(statuses)).toEqual({ 401: ACCOUNT_MAX - 1, 200: 1 })
    }
  })

  it('for guesses of a password at the same time: as many as allowed are judged, not one more', async () => {
    const judged = { 401: ACCOUNT_MAX, 429: GUESSES - ACCOUNT_MAX }
    expect(countStatuses(await guessConcurrently(bench(), GUESSES, 'unknown@acme.test', '203.0.113.2'))).toEqual(judged)
    expect(countStatuses(await guessConcurrently(bench(), GUESSES, OWNER.email, '203.0.113.3'))).toEqual(judged)
    // Locked for this network, with the right password too, and for no other.
    expect(countStatuses(await signInEverywhere(bench(), '203.0.113.3'))).toEqual({ 429: 4 })
    expect(countStatuses(await signInEverywhere(bench(), '203.0.113.4'))).toEqual({ 200: 4 })
  })

  it('for failed client authentications', async () => {
    const statuses = await failSequentially(bench(), 30, '203.0.113.5')
    expect(countStatuses(statuses.slice(0, TOKEN_MAX))).toEqual({ 401: TOKEN_MAX })
    expect(countStatuses(statuses.slice(TOKEN_MAX))).toEqual({ 429: 30 - TOKEN_MAX })
  })

  it('for requests, except for unreported ones: a tenth of the limit', async () => {
    const statuses = await requestSequentially(bench(), 2 * REQUEST_MAX, '203.0.113.6')
    const { 200: passed = 0, 429: refused = 0 } = countStatuses(statuses)
    expect(passed + refused).toBe(statuses.length)
    expect(passed).toBeGreaterThanOrEqual(REQUEST_MAX)
    expect(passed).toBeLessThanOrEqual(1.3 * REQUEST_MAX)
    expect(countStatuses(statuses.slice(-10))).toEqual({ 429: 10 })
  })
}

describe('limits over two processes, counted in PostgreSQL', () => {
  let bench: ServerGroup
  beforeAll(async () => {
    bench = await startServerGroup({ environment: RATE_LIMIT_ENVIRONMENT })
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  itHolds(() => bench)

  it('store no identifiers in the database', async () => {
    const rows = await bench.query<{ row: string }>('SELECT c::text AS row FROM rate_limit_counters c')
    expect(rows.length).toBeGreaterThan(5)
    // Digests, and each a different one.
    for (const { row } of rows) expect(row).toMatch(/^\("\\\\x[0-9a-f]{64}",\d+,/)
    expect(new Set(rows.map(({ row }) => row.slice(0, 70))).size).toBe(rows.length)
  })
})

describe('limits with WORKERS=2', () => {
  let bench: ServerGroup
  beforeAll(async () => {
    bench = await startServerGroup({ processes: 1, environment: { ...RATE_LIMIT_ENVIRONMENT, WORKERS: '2' } })
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  itHolds(() => bench)
})

describeWithValkey('limits over two processes, counted in Valkey or Redis', () => {
  let bench: ServerGroup
  let valkey: TestValkey
  beforeAll(async () => {
    valkey = await startValkey()
    bench = await startServerGroup({ environment: { ...RATE_LIMIT_ENVIRONMENT, REDIS_URL: valkey.url } })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await bench?.close()
    await valkey?.close()
  })

  itHolds(() => bench)

  it('leave PostgreSQL alone', async () => {
    expect(await bench.query('SELECT FROM rate_limit_counters')).toEqual([])
  })
})

describeWithValkey('a Valkey or Redis that is lost', () => {
  let bench: ServerGroup
  let valkey: TestValkey
  beforeAll(async () => {
    valkey = await startValkey()
    bench = await startServerGroup({
      environment: { ...RATE_LIMIT_ENVIRONMENT, REDIS_URL: valkey.url, LOG_LEVEL: 'info' },
    })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await bench?.close()
    await valkey?.close()
  })

  const ADDRESS = '203.0.113.7'
  const guess = async (side: number, email: string) => (await signIn(bench, side, email, 'not it', ADDRESS)).status
  const said = (words: string) => bench.servers.map((server) => server.output().split(words).length - 1)

  it(
    'fails no request; each process counts locally, and shared counting resumes when it is back',
    async () => {
      const before = [await guess(0, 'user@acme.test'), await guess(1, 'user@acme.test')]
      expect([...before, await guess(0, 'user@acme.test')]).toEqual([401, 401, 401])

      await valkey.lose()
      for (const side of [0, 1, 0, 1]) {
        expect((await signIn(bench, side, OWNER.email, OWNER.password, ADDRESS)).status).toBe(200)
      }
      const meanwhile: number[] = []
      for (let side = 0; side < 20; side += 1) meanwhile.push(await guess(side, 'user@acme.test'))
      // Of six, one process had a known total of three and the other of two.
      expect(meanwhile.filter((status) => status === 401)).toHaveLength(3 + 4)
      expect(meanwhile.filter((status) => status === 429)).toHaveLength(20 - 7)
      expect(said('rate-limit store unavailable, counting per process')).toEqual([1, 1])

      await valkey.restore()
      let probe = 0
      await eventually(
        async () => {
          for (const side of [0, 1]) await guess(side, `probe-${(probe += 1)}@acme.test`)
          return said('rate-limit store available again')
        },
        (lines) => lines.every((number) => number === 1),
      )
      const guesses = await guessConcurrently(bench, GUESSES, 'another@acme.test', ADDRESS)
      expect(countStatuses(guesses)).toEqual({ 401: ACCOUNT_MAX, 429: GUESSES - ACCOUNT_MAX })

      // One that is there and says nothing is waited for once, and then left alone for a while.
      valkey.stall()
      for (const side of [0, 1, 0, 1]) {
        expect((await signIn(bench, side, OWNER.email, OWNER.password, ADDRESS)).status).toBe(200)
      }
      expect(said('rate-limit store unavailable, counting per process')).toEqual([2, 2])
      valkey.resume()
      // Not one error of the server in all of this.
      expect(said('"status":5')).toEqual([0, 0])
    },
    RACE_TIMEOUT_MS,
  )
})
