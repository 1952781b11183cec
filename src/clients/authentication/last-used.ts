import type { Clock } from '../../lib/time/clock.ts'
import { createDebouncedTask } from '../../lib/time/debounced-task.ts'
import type { ClientUsage, ClientLastUsedRepository } from '../../model/clients/client-last-used.ts'
import type { Client } from '../../model/clients/client.ts'

/** Records when clients and their secrets were last used, rounded to the hour. Writes are debounced: no request waits. */
export interface LastUsedTracker {
  /** Records a use: the client authenticated, by this secret if given, or was issued something. */
  record(client: Pick<Client, 'id' | 'organisationId'>, secretId?: string): void
  /** Writes the pending uses. Never rejects: uses that could not be written stay pending. */
  flush(): Promise<void>
}

export interface LastUsedTrackerOptions {
  clientLastUsed: ClientLastUsedRepository
  clock: Clock
  log: { warn(details: object, message: string): void }
}

const HOUR_MS = 3_600_000
const FLUSH_DELAY_MS = 60_000
const MAX_ENTRIES = 50_000
const BATCH_SIZE = 1_000

export function createLastUsedTracker({ clientLastUsed, clock, log }: LastUsedTrackerOptions): LastUsedTracker {
  // Uses recorded within this hour. Another one would write the same value.
  const recordedThisHour = new Set<string>()
  let currentHour = 0
  const pending = new Map<string, ClientUsage>()

  async function writePending(): Promise<void> {
    while (pending.size > 0) {
      const batch = [...pending].slice(0, BATCH_SIZE)
      await clientLastUsed.record(batch.map(([, use]) => use))
      for (const [key, use] of batch) if (pending.get(key) === use) pending.delete(key)
    }
  }

  const flushTask = createDebouncedTask(
    () => writePending().catch((error: unknown) => log.warn({ err: error }, 'failed to save last-used timestamps')),
    () => pending.size > 0,
    FLUSH_DELAY_MS,
  )

  return {
    record({ id: clientId, organisationId }, secretId) {
      const hour = Math.floor(clock.now().getTime() / HOUR_MS)
      const key = secretId ?? clientId
      if (hour !== currentHour || recordedThisHour.size >= MAX_ENTRIES) recordedThisHour.clear()
      currentHour = hour
      if (recordedThisHour.has(key) || pending.size >= MAX_ENTRIES) return
      recordedThisHour.add(key)
      pending.set(key, { clientId, organisationId, secretId, usedAt: new Date(hour * HOUR_MS) })
      flushTask.schedule()
    },
    flush: flushTask.flush,
  }
}
