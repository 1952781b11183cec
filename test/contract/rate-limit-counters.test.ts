import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addSeconds } from '../../src/lib/time/clock.ts'
import { sha256 } from '../../src/lib/crypto/hash.ts'
import type { RateLimitCounterStore } from '../../src/model/rate-limit/rate-limit-counter.ts'
import { createRateLimitCounterStore } from '../../src/storage/rate-limit/rate-limit-counters.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createRetentionSweep } from '../../src/storage/db/retention-sweep.ts'
import { openValkeyRateLimitCounters } from '../../src/storage/rate-limit/valkey-rate-limit-counters.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { describeWithValkey, startValkey, type TestValkey } from '../support/valkey.ts'

const one = (name: string, amount = 1, window = 60) => ({ key: sha256('a test', name), amount, windowSeconds: window })
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** What any store must do. `stores` are two processes over one. */
function itCounts(stores: () => readonly [RateLimitCounterStore, RateLimitCounterStore], now: () => Date): void {
  it('answers counts made at the same time by two processes each with its own total', async () => {
    const counted = await Promise.all(
      upTo(200).map((_, index) => (stores()[index % 2] ?? stores()[0]).increment([one('at once')], now())),
    )
    const totals = counted.flat().map(({ total }) => total)
    expect(totals.toSorted((a, b) => a - b)).toEqual(upTo(200))
  })

  it('adds many keys at once, in whatever order, and answers in theirs', async () => {
    const names = upTo(300).map((number) => `many ${number}`)
    const [here, there] = stores()
    // In opposite orders, so that two statements that took locks as they come would wait for each other for ever.
    const rounds = upTo(20).flatMap((amount) => [
      here.increment(
        names.map((name) => one(name, amount)),
        now(),
      ),
      there.increment(
        names.toReversed().map((name) => one(name, amount)),
        now(),
      ),
    ])
    await Promise.all(rounds)
    const sum = 2 * (20 * 21) * 0.5
    const [first, second] = await here.increment([one('many 1', 1), one('many 2', 5)], now())
    expect([first?.total, second?.total]).toEqual([sum + 1, sum + 5])
  })

  it('answers a key that stands there twice twice', async () => {
    const counted = await stores()[0].increment([one('twice', 2), one('other', 7), one('twice', 3)], now())
    expect(counted.map(({ total }) => total)).toEqual([2, 7, 5])
  })

  it('keeps the end of a window whatever is counted in it', async () => {
    const [here, there] = stores()
    const [begun] = await here.increment([one('window', 1, 600)], now())
    const [later] = await there.increment([one('window', 1, 3600)], now())
    expect(later?.total).toBe(2)
    expect(Math.abs(Number(later?.resetsAt) - Number(begun?.resetsAt))).toBeLessThan(1000)
    expect(Math.abs(Number(begun?.resetsAt) - addSeconds(now(), 600).getTime())).toBeLessThan(1000)
  })

  it('forgets what is cleared', async () => {
    const [here, there] = stores()
    await here.increment([one('cleared', 9)], now())
    await there.reset(one('cleared').key)
    expect(await here.increment([one('cleared')], now())).toMatchObject([{ total: 1 }])
  })
}

describe('counters in PostgreSQL', () => {
  const now = new Date('2026-01-01T00:00:00Z')
  let database: TestDatabase
  let connections: [Database, Database]
  let stores: [RateLimitCounterStore, RateLimitCounterStore]
  beforeAll(async () => {
    database = await createDatabase()
    const open = () => connectDatabase({ connection: database.connectionString, poolSize: 5, onError: () => undefined })
    connections = [open(), open()]
    stores = [createRateLimitCounterStore(connections[0].hotPool), createRateLimitCounterStore(connections[1].hotPool)]
  })
  afterAll(async () => {
    for (const connection of connections) await connection.close()
    await database.drop()
  })

  itCounts(
    () => stores,
    () => now,
  )

  it('begins anew when a window has ended', async () => {
    const [store] = stores
    await store.increment([one('ending', 5, 60)], now)
    expect(await store.increment([one('ending', 1, 60)], addSeconds(now, 59))).toMatchObject([{ total: 6 }])
    expect(await store.increment([one('ending', 1, 60)], addSeconds(now, 60))).toEqual([
      { total: 1, resetsAt: addSeconds(now, 120) },
    ])
  })

  it('writes no write-ahead log for what it counts', async () => {
    const [{ pool }] = connections
    const { rows } = await pool.query(`SELECT relpersistence FROM pg_class WHERE relname = 'rate_limit_counters'`)
    expect(rows).toEqual([{ relpersistence: 'u' }])
  })

  it('is swept of windows that have ended', async () => {
    const [{ pool }] = connections
    await stores[0].increment([one('short', 1, 10), one('long', 1, 1000)], addSeconds(now, 10_000))
    await createRetentionSweep(pool)(addSeconds(now, 10_011))
    const { rows } = await pool.query('SELECT key_hash AS key FROM rate_limit_counters')
    expect(rows).toEqual([{ key: one('long').key }])
  })
})

describeWithValkey('counters in Valkey or Redis', () => {
  let valkey: TestValkey
  let stores: [ReturnType<typeof openValkeyRateLimitCounters>, ReturnType<typeof openValkeyRateLimitCounters>]
  beforeAll(async () => {
    valkey = await startValkey()
    stores = [openValkeyRateLimitCounters(valkey.url), openValkeyRateLimitCounters(valkey.url)]
    const connected = () => Promise.all(stores.map((store) => store.reset(one('anything').key))).then(() => true)
    await eventually(
      () => connected().catch(() => false),
      (both) => both,
    )
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await valkey.close()
  })

  itCounts(
    () => stores,
    () => new Date(),
  )

  it('begins anew when a window has ended', async () => {
    const [store] = stores
    const [begun] = await store.increment([one('ending', 5, 1)], new Date())
    await sleep(Number(begun?.resetsAt) - Date.now() + 50)
    expect(await store.increment([one('ending')], new Date())).toMatchObject([{ total: 1 }])
  })
})
