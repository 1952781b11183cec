// `storage/rate-limit` stores rate-limit counters in PostgreSQL or Valkey.
// Counters of one batch are incremented by one statement.
// Limits and windows belong to `http/rate-limit`.

import type pg from 'pg'
import { addSeconds } from '../../lib/clock.ts'
import {
  mergeIncrements,
  encodeCounterKey,
  distributeTotals,
  type RateLimitIncrement,
  type RateLimitTotal,
  type RateLimitCounterStore,
} from '../../model/rate-limit/rate-limit-counter.ts'
import { maxNow, prepare, batched } from '../db/batched-statement.ts'

// Rows are locked in the order of their keys, so that two such statements wait for each other and never both.
const ADD = `
INSERT INTO counters AS c (key, total, expires_at)
SELECT * FROM unnest($1::bytea[], $2::int8[], $3::timestamptz[]) AS given(key, amount, expires_at) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  total = CASE WHEN c.expires_at > $4::timestamptz THEN c.total + excluded.total ELSE excluded.total END,
  expires_at = CASE WHEN c.expires_at > $4::timestamptz THEN c.expires_at ELSE excluded.expires_at END
RETURNING c.key, c.total::float8 AS total, c.expires_at`

const CLEAR = 'DELETE FROM counters WHERE key = $1::bytea'

/** So many keys go into one statement at most. */
const MAX_KEYS_PER_STATEMENT = 5_000

interface CounterRow {
  key: Buffer
  total: number
  expires_at: Date
}

/** Counters in an unlogged table: counting costs no write-ahead log, and a crash of PostgreSQL forgets what was counted. */
export function createRateLimitCounterStore(pool: pg.Pool): RateLimitCounterStore {
  const queryAdd = prepare<CounterRow>(pool, 'counters-add', ADD)
  const queryClear = prepare(pool, 'counters-clear', CLEAR)

  async function incrementAll(increments: readonly RateLimitIncrement[], now: Date): Promise<RateLimitTotal[]> {
    const distinct = [...mergeIncrements(increments).values()]
    const rows = await queryAdd([
      distinct.map(({ key }) => key),
      distinct.map(({ amount }) => amount),
      distinct.map(({ window }) => addSeconds(now, window)),
      now,
    ])
    const totals = new Map(
      rows.map((row) => [encodeCounterKey(row.key), { total: row.total, resetsAt: row.expires_at }]),
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
      await queryClear([key])
    },
  }
}
