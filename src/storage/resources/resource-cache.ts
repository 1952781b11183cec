import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { ProtectedResource, ResourceCache } from '../../model/resources/protected-resource.ts'
import { resourceIdentifierKey } from '../../oauth/resource-identifier.ts'
import { prepare } from '../db/batched-statement.ts'
import { readResource, resourceColumns, type ResourceRow } from './resources.ts'

type ResourcesByKey = ReadonlyMap<string, ProtectedResource>

// Bounded by the number of resources, and refreshed after this time in any case.
const MAX_CACHED_RESOURCES = 10_000
const TTL_MS = 60_000

const FIND_OF_ORGANISATION = `SELECT ${resourceColumns} FROM resources r WHERE r.organisation_id = $1::uuid`

/** Returns resources from memory while `isCurrent` says that changes are noticed, and from PostgreSQL while it does not. */
export function createResourceCache(pool: Pool, isCurrent: () => boolean) {
  const queryResources = prepare<ResourceRow>(pool, 'find-resources', FIND_OF_ORGANISATION)
  const byOrganisation = new LRUCache<string, ResourcesByKey>({
    maxSize: MAX_CACHED_RESOURCES,
    sizeCalculation: ({ size }) => size + 1,
    ttl: TTL_MS,
  })
  let epoch = 0

  const directory: ResourceCache = {
    async ofOrganisation(organisationId) {
      const cached = isCurrent() ? byOrganisation.get(organisationId) : undefined
      if (cached) return cached
      const epochAtStart = epoch
      const resources = (await queryResources([organisationId])).map(readResource)
      const read = new Map(resources.map((resource) => [resourceIdentifierKey(resource.identifier), resource]))
      // Read before a change and arriving after it, rows must not outlive the change.
      if (isCurrent() && epochAtStart === epoch) byOrganisation.set(organisationId, read)
      return read
    },
  }

  return {
    directory,
    evict(organisationId: string): void {
      epoch += 1
      byOrganisation.delete(organisationId)
    },
    clear(): void {
      epoch += 1
      byOrganisation.clear()
    },
  }
}
