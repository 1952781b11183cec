import { LRUCache } from 'lru-cache'
import type { ClientCache, RegisteredClient } from '../../model/clients/client-cache.ts'
import type { createRegisteredClientReader } from './registered-clients.ts'

type RegisteredClientReader = ReturnType<typeof createRegisteredClientReader>

// Bounded, and refreshed after this time in any case.
const CACHE_OPTIONS = { max: 10_000, ttl: 60_000 }

/**
 * Returns clients from memory while `isCurrent` says that changes are noticed, and from PostgreSQL while it does not. An
 * unknown `client_id` is not cached: any visitor can invent one.
 */
export function createClientCache(reader: RegisteredClientReader, isCurrent: () => boolean) {
  const byClientId = new LRUCache<string, RegisteredClient>(CACHE_OPTIONS)
  const clientIds = new LRUCache<string, string>(CACHE_OPTIONS)
  const origins = new LRUCache<string, boolean>(CACHE_OPTIONS)
  const pendingReads = new Map<string, Promise<RegisteredClient | undefined>>()
  let epoch = 0

  async function read(clientId: string): Promise<RegisteredClient | undefined> {
    const epochAtStart = epoch
    const registered = await reader.find(clientId)
    if (!registered) return undefined
    // Read before a change and arriving after it, a row must not outlive the change.
    if (isCurrent() && epochAtStart === epoch) {
      byClientId.set(clientId, registered)
      clientIds.set(registered.id, clientId)
    }
    return registered
  }

  const cache: ClientCache = {
    async find(clientId) {
      const cached = isCurrent() ? byClientId.get(clientId) : undefined
      if (cached) return cached
      const pending = pendingReads.get(clientId)
      if (pending) return pending
      const started = read(clientId).finally(() => pendingReads.delete(clientId))
      pendingReads.set(clientId, started)
      return started
    },

    async isAllowedOrigin(origin) {
      const cached = isCurrent() ? origins.get(origin) : undefined
      if (cached !== undefined) return cached
      const epochAtStart = epoch
      const found = await reader.isAllowedOrigin(origin)
      if (isCurrent() && epochAtStart === epoch) origins.set(origin, found)
      return found
    },
  }

  return {
    directory: cache,
    /** Forgets one client, by its row id. */
    evict(id: string): void {
      epoch += 1
      pendingReads.clear()
      origins.clear()
      const clientId = clientIds.get(id)
      if (clientId !== undefined) byClientId.delete(clientId)
    },
    clear(): void {
      epoch += 1
      pendingReads.clear()
      origins.clear()
      byClientId.clear()
      clientIds.clear()
    },
  }
}
