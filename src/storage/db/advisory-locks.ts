import { setTimeout as delay } from 'node:timers/promises'
import type { ClientBase } from 'pg'

/**
 * The keys of the advisory locks that processes of this server take on one database, each with
 * `pg_advisory_xact_lock`, so that it ends with its transaction. Prisma's lock for migrations is in `migrate.ts`.
 */
export const advisoryLocks = {
  /** Changing the signing keys. */
  signingKeys: 6_037_118_240_001n,
  /** Creating the first organisation. */
  bootstrap: 6_037_118_240_002n,
  /** Making and dropping partitions of the audit log. */
  auditPartitions: 6_037_118_240_003n,
  /** Appending to the hash chains of the audit log. */
  auditChain: 6_037_118_240_004n,
  /** Changing an organisation's list of hosts, so that no host is on two lists. */
  cimdHosts: 7_591_001n,
  /** Adding a client from its metadata document, so that the maximum holds. */
  cimdRegistration: 7_591_002n,
} as const

const RETRY_DELAY_MS = 50

/**
 * Waits for an advisory lock that ends with the transaction of this connection. The time limits of statements do not apply
 * to the wait: the holder may generate keys for seconds.
 */
export async function takeAdvisoryLock(connection: ClientBase, lock: bigint): Promise<void> {
  for (;;) {
    const { rows } = await connection.query<{ taken: boolean }>(TRY_LOCK, [lock])
    if (rows[0]?.taken === true) return
    await delay(RETRY_DELAY_MS)
  }
}

const TRY_LOCK = 'SELECT pg_try_advisory_xact_lock($1) AS taken'
