// `storage/rate-limit` stores rate-limit counters in PostgreSQL or Valkey.
// Counters of one batch are incremented by one statement.
// Limits and windows belong to `http/rate-limit`.

import type pg from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import {
  mergeIncrements,
  encodeCounterKey,
  distributeTotals,
  type RateLimitIncrement,
  type RateLimitTotal,
  type RateLimitCounterStore,
} from '../../model/rate-limit/rate-limit-counter.ts'
import { maxNow, prepare, batched } from '../db/batched-statement.ts'

// Rows are locked in the order of their keys, so that two such statements wait for each other instead of deadlocking.
const INCREMENT = `
INSERT INTO rate_limit_counters AS c (key_hash, count, expires_at)
SELECT * FROM unnest($1::bytea[], $2::int8[], $3::timestamptz[]) AS input(key_hash, amount, expires_at) ORDER BY key_hash
ON CONFLICT (key_hash) DO UPDATE SET
  count = CASE WHEN c.expires_at > $4::timestamptz THEN c.count + excluded.count ELSE excluded.count END,
  expires_at = CASE WHEN c.expires_at > $4::timestamptz THEN c.expires_at ELSE excluded.expires_at END
RETURNING c.key_hash, c.count::float8 AS count, c.expires_at`

const RESET = 'DELETE FROM rate_limit_counters WHERE key_hash = $1::bytea'

/** At most this many keys go into one statement. */
const MAX_KEYS_PER_STATEMENT = 5_000

interface CounterRow {
  key_hash: Buffer
  count: number
  expires_at: Date
}

/** Counters in an unlogged table: counting writes no write-ahead log, and a crash of PostgreSQL resets every counter. */
export function createRateLimitCounterStore(pool: pg.Pool): RateLimitCounterStore {
  const queryIncrement = prepare<CounterRow>(pool, 'increment-rate-limit-counters', INCREMENT)
  const queryReset = prepare(pool, 'reset-rate-limit-counter', RESET)

  async function incrementAll(increments: readonly RateLimitIncrement[], now: Date): Promise<RateLimitTotal[]> {
    const distinct = [...mergeIncrements(increments).values()]
    const rows = await queryIncrement([
      distinct.map(({ key }) => key),
      distinct.map(({ amount }) => amount),
      distinct.map(({ windowSeconds }) => addSeconds(now, windowSeconds)),
      now,
    ])
    const totals = new Map(
      rows.map((row) => [encodeCounterKey(row.key_hash), { total: row.count, resetsAt: row.expires_at }]),
    )
    return distributeTotals(increments, totals)
  }

  const incrementOne = batched(async (entries: readonly { increment: RateLimitIncrement; now: Date }[]) => {
    const increments = entries.map(({ increment }) => increment)
    return incrementAll(increments, maxNow(entries))
  })

  return {
    async increment(increments, now) {
      const [only, second] = increments
      if (only && !second) return [await incrementOne({ increment: only, now })]
      const results: RateLimitTotal[] = []
      for (let from = 0; from < increments.length; from += MAX_KEYS_PER_STATEMENT) {
        results.push(...(await incrementAll(increments.slice(from, from + MAX_KEYS_PER_STATEMENT), now)))
      }
      return results
    },
    async reset(key) {
      await queryReset([key])
    },
  }
}
