import { LRUCache } from 'lru-cache'
import type { ClientIdMetadataMode } from '../model/client-document.ts'
import type { ClientDirectory, RegisteredClient } from '../model/client.ts'
import type { OrganisationStatus } from '../model/organisation.ts'
import { readClient } from './client-rows.ts'
import type { PrismaClient } from './generated/client.ts'

/** What the cache needs to know of the change feed. */
interface Freshness {
  readonly live: boolean
}

// Bounded, and never older than this even if a change should go unheard.
const CACHE = { max: 10_000, ttl: 60_000 }

/**
 * Clients from memory, as long as the change feed is live; straight from PostgreSQL while it is not. An unknown
 * `client_id` is not remembered: anybody can invent one.
 */
export function createClientDirectory(prisma: PrismaClient, feed: () => Freshness) {
  const byClientId = new LRUCache<string, RegisteredClient>(CACHE)
  const clientIds = new LRUCache<string, string>(CACHE)
  const origins = new LRUCache<string, boolean>(CACHE)
  const reads = new Map<string, Promise<RegisteredClient | undefined>>()
  let epoch = 0

  async function read(clientId: string): Promise<RegisteredClient | undefined> {
    const begun = epoch
    const row = await prisma.client.findFirst({
      where: { clientId, deletedAt: null },
      include: {
        secrets: { select: { id: true, secretHash: true, sealedSecret: true, expiresAt: true } },
        organisation: {
          select: {
            slug: true,
            name: true,
            status: true,
            auditTokens: true,
            clientIdMetadataDocuments: true,
            clientIdMetadataHosts: true,
          },
        },
      },
    })
    if (!row) return undefined
    const { secrets, organisation, ...client } = row
    const registered: RegisteredClient = {
      ...readClient(client),
      secrets,
      organisation: {
        ...organisation,
        status: organisation.status as OrganisationStatus,
        clientIdMetadataDocuments: organisation.clientIdMetadataDocuments as ClientIdMetadataMode,
      },
    }
    // Read before a change and arriving after it, a row must not outlive the change.
    if (feed().live && begun === epoch) {
      byClientId.set(clientId, registered)
      clientIds.set(client.id, clientId)
    }
    return registered
  }

  const directory: ClientDirectory = {
    async find(clientId) {
      const cached = feed().live ? byClientId.get(clientId) : undefined
      if (cached) return cached
      const reading = reads.get(clientId)
      if (reading) return reading
      const started = read(clientId).finally(() => reads.delete(clientId))
      reads.set(clientId, started)
      return started
    },

    async isAllowedOrigin(origin) {
      const cached = feed().live ? origins.get(origin) : undefined
      if (cached !== undefined) return cached
      const begun = epoch
      const found = await prisma.client.findFirst({
        where: { allowedOrigins: { has: origin }, isActive: true, deletedAt: null },
        select: { id: true },
      })
      if (feed().live && begun === epoch) origins.set(origin, found !== null)
      return found !== null
    },
  }

  return {
    directory,
    /** Forgets one client, by its row id. */
    forget(id: string): void {
      epoch += 1
      reads.clear()
      origins.clear()
      const clientId = clientIds.get(id)
      if (clientId !== undefined) byClientId.delete(clientId)
    },
    forgetAll(): void {
      epoch += 1
      reads.clear()
      origins.clear()
      byClientId.clear()
      clientIds.clear()
    },
  }
}
