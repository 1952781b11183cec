import type { Clock } from '../lib/clock.ts'
import { createSettling } from '../lib/settling.ts'
import type { ClientUse, ClientUseRepository } from '../model/client-use.ts'
import type { Client } from '../model/client.ts'

/** Remembers when clients and their secrets were last used, to the hour, at no cost to the request that uses them. */
export interface ClientUses {
  /** That the client was just given something, or has proven itself, by this secret if by one. */
  note(client: Pick<Client, 'id' | 'organisationId'>, secretId?: string): void
  /** Writes what was noted since the last time. Never rejects: what could not be written waits for the next time. */
  settle(): Promise<void>
}

export interface ClientUsesOptions {
  clientUses: ClientUseRepository
  clock: Clock
  log: { warn(details: object, message: string): void }
}

const HOUR_MS = 3_600_000
const SETTLE_MS = 60_000
const MOST_REMEMBERED = 50_000
const BATCH = 1_000

export function createClientUses({ clientUses, clock, log }: ClientUsesOptions): ClientUses {
  // Those that were noted within the hour: nothing more of them is news.
  const noted = new Set<string>()
  let current = 0
  const waiting = new Map<string, ClientUse>()

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, BATCH)
      await clientUses.record(batch.map(([, use]) => use))
      for (const [key, use] of batch) if (waiting.get(key) === use) waiting.delete(key)
    }
  }

  const settling = createSettling(
    () => write().catch((error: unknown) => log.warn({ err: error }, 'when clients were used could not be written')),
    () => waiting.size > 0,
    SETTLE_MS,
  )

  return {
    note({ id: clientId, organisationId }, secretId) {
      const hour = Math.floor(clock.now().getTime() / HOUR_MS)
      const key = secretId ?? clientId
      if (hour !== current || noted.size >= MOST_REMEMBERED) noted.clear()
      current = hour
      if (noted.has(key) || waiting.size >= MOST_REMEMBERED) return
      noted.add(key)
      waiting.set(key, { clientId, organisationId, secretId, usedAt: new Date(hour * HOUR_MS) })
      settling.later()
    },
    settle: settling.now,
  }
}
