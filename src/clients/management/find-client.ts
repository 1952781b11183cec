// `clients/management` owns what administrators do to clients and to the rules of their registration, apart from HTTP.
// Each function gets the context of the caller, checks what the caller may do, and records an audit event.
// `reference` is the id of a client or its `client_id`. Errors are domain errors (`errors.ts`, `lib/domain-error.ts`).
// The routes belong to `admin/clients`; which settings are valid is decided by `clients/settings`.

import type { Clock } from '../../lib/time/clock.ts'
import type { Client } from '../../model/clients/client.ts'
import type { ClientCache } from '../../model/clients/client-cache.ts'
import type { ClientReference, ClientRepository } from '../../model/clients/client-repository.ts'
import type { ConsentRepository } from '../../model/grants/consent.ts'
import type { GrantRepository } from '../../model/grants/grant.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { ClientSecrets } from '../authentication/client-secret.ts'
import { canBeClientId } from '../client-id.ts'
import { ClientNotFound } from './errors.ts'
import { isUuid } from '../../lib/text/uuid.ts'

/** What the functions of this folder work with; each names the part that it needs. */
export interface ClientManagement {
  clients: ClientRepository
  /** Finds the row of a `client_id`. */
  clientCache: Pick<ClientCache, 'find'>
  grants: Pick<GrantRepository, 'listForClient' | 'revokeForClient'>
  consents: ConsentRepository
  secrets: ClientSecrets
  clock: Clock
  /** Creates the keys of algorithms with which nothing was signed so far. */
  createKeys: (algorithms: readonly string[]) => Promise<void>
  /** Reads the document of a sector identifier. */
  fetchText: (url: string) => Promise<string>
}

export type ClientFinder = Pick<ClientManagement, 'clients' | 'clientCache'>

/** The client of the caller's organisation. Throws `ClientNotFound`. */
export async function findClient(services: ClientFinder, context: AdminContext, reference: string): Promise<Client> {
  return requireClient(await services.clients.get(await resolveReference(services, context, reference)))
}

/** The client, or `ClientNotFound`. */
export function requireClient(client: Client | undefined): Client {
  if (!client) throw new ClientNotFound()
  return client
}

async function resolveReference(
  { clientCache }: ClientFinder,
  { organisationId }: AdminContext,
  reference: string,
): Promise<ClientReference> {
  if (isUuid(reference)) return { organisationId, id: reference.toLowerCase() }
  const client = canBeClientId(reference) ? await clientCache.find(reference) : undefined
  if (client?.organisationId !== organisationId) throw new ClientNotFound()
  return { organisationId, id: client.id }
}
