import type { Pool, PoolClient } from 'pg'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { isLockTimeout } from '../db/database-error.ts'
import { inTransaction } from '../db/transaction.ts'

/** Partitions are made for the current month and this many after it. */
const MONTHS_AHEAD = 3
/** Statements of requests wait behind a lock that waits. What is not done now is done an hour later. */
const LOCK_TIMEOUT = '200ms'

// The first partition has no lower bound.
const LIST = `
SELECT c.relname AS name,
  coalesce(substring(bound FROM 'FROM \\(''([^'']+)''\\)'), '-infinity')::timestamptz AS "from",
  substring(bound FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS "until"
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid CROSS JOIN LATERAL pg_get_expr(c.relpartbound, c.oid) AS bound
WHERE i.inhparent = 'audit_events'::regclass AND c.relname <> 'audit_events_default' ORDER BY "until"`

interface Partition {
  name: string
  /** Includes the instant; -Infinity for no bound. */
  from: Date | number
  /** Excludes the instant. */
  until: Date
}

/**
 * Makes the partitions of the coming months, and drops those whose last event is older than `dropBefore`; undefined drops
 * none. Does nothing while another process does the same, or while the table is locked.
 */
export async function maintainAuditPartitions(pool: Pool, now: Date, dropBefore: Date | undefined): Promise<void> {
  const partitions = await listPartitions(pool)
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, index) => startOfMonth(now, index))
  if (months.some((month) => !isCovered(month, partitions))) {
    await changePartitions(pool, async (connection) => {
      const present = await listPartitions(connection)
      for (const month of months) if (!isCovered(month, present)) await createPartition(connection, month)
    })
  }
  for (const { name, until } of partitions) {
    if (!dropBefore || until > dropBefore) continue
    await changePartitions(pool, async (connection) => {
      await connection.query(`ALTER TABLE audit_events DETACH PARTITION ${name}`)
      await connection.query(`DROP TABLE ${name}`)
    })
  }
}

async function listPartitions(connection: Pick<PoolClient, 'query'> | Pool): Promise<Partition[]> {
  return (await connection.query<Partition>(LIST)).rows
}

const isCovered = (instant: Date, partitions: readonly Partition[]) =>
  partitions.some(({ from, until }) => Number(from) <= instant.getTime() && instant < until)

async function changePartitions(pool: Pool, change: (connection: PoolClient) => Promise<void>): Promise<void> {
  try {
    await inTransaction(pool, async (connection) => {
      await connection.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`)
      const { rows } = await connection.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
        advisoryLocks.auditPartitions,
      ])
      if (rows[0]?.taken) await change(connection)
    })
  } catch (error) {
    if (!isLockTimeout(error)) throw error
  }
}

/** Attached when it is complete: that locks the default partition only, whose events of the month move. */
async function createPartition(connection: PoolClient, from: Date): Promise<void> {
  const [year, month] = [from.getUTCFullYear(), String(from.getUTCMonth() + 1).padStart(2, '0')]
  const name = `audit_events_${year}_${month}`
  const [first, next] = [from.toISOString(), startOfMonth(from, 1).toISOString()]
  await connection.query(`CREATE TABLE ${name} (LIKE audit_events INCLUDING DEFAULTS)`)
  await connection.query(
    `WITH moved AS (DELETE FROM audit_events_default WHERE occurred_at >= $1 AND occurred_at < $2 RETURNING *)
    INSERT INTO ${name} SELECT * FROM moved`,
    [first, next],
  )
  await connection.query(
    `ALTER TABLE audit_events ATTACH PARTITION ${name} FOR VALUES FROM ('${first}') TO ('${next}')`,
  )
}

/** The first instant of the month that is `months` after that of `instant`, in UTC. */
function startOfMonth(instant: Date, months: number): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + months))
}
