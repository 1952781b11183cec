import { setTimeout as delay } from 'node:timers/promises'
import type { Prisma } from '../generated/client.ts'

const RETRY_DELAY_MS = 50

/**
 * Waits for an advisory lock of a transaction, for as long as the transaction may take. The time limits of statements do
 * not apply to the wait: the holder may generate keys for seconds.
 */
export async function takeAdvisoryLock(tx: Prisma.TransactionClient, lock: bigint): Promise<void> {
  for (;;) {
    const [row] = await tx.$queryRaw<{ taken: boolean }[]>`SELECT pg_try_advisory_xact_lock(${lock}) AS taken`
    if (row?.taken === true) return
    await delay(RETRY_DELAY_MS)
  }
}
