import type pg from 'pg'
import { addSeconds } from '../lib/clock.ts'
import { joinCounts, nameOf, shareTotals, type Count, type Counted, type CounterStore } from '../model/counter.ts'
import { latest, prepare, together } from './statement.ts'

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
const MOST_KEYS = 5_000

interface Row {
  key: Buffer
  total: number
  expires_at: Date
}

/** Counters in an unlogged table: counting costs no write-ahead log, and a crash of PostgreSQL forgets what was counted. */
export function createCounterStore(pool: pg.Pool): CounterStore {
  const sendAdd = prepare<Row>(pool, 'counters-add', ADD)
  const sendClear = prepare(pool, 'counters-clear', CLEAR)

  async function run(counts: readonly Count[], now: Date): Promise<Counted[]> {
    const distinct = [...joinCounts(counts).values()]
    const rows = await sendAdd([
      distinct.map(({ key }) => key),
      distinct.map(({ amount }) => amount),
      distinct.map(({ window }) => addSeconds(now, window)),
      now,
    ])
    const sums = new Map(rows.map((row) => [nameOf(row.key), { total: row.total, endsAt: row.expires_at }]))
    return shareTotals(counts, sums)
  }

  const addOne = together(async (calls: readonly { count: Count; now: Date }[]) => {
    const counts = calls.map(({ count }) => count)
    return run(counts, latest(calls))
  })

  return {
    async add(counts, now) {
      const [only, second] = counts
      if (only && !second) return [await addOne({ count: only, now })]
      const answers: Counted[] = []
      for (let from = 0; from < counts.length; from += MOST_KEYS) {
        answers.push(...(await run(counts.slice(from, from + MOST_KEYS), now)))
      }
      return answers
    },
    async clear(key) {
      await sendClear([key])
    },
  }
}
