import type { ClientSettings } from './client.ts'
import type { ClientReference, NewStoredClient } from './client-repository.ts'
import type { OrganisationRegistrationSettings } from './registration-settings.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** When the metadata document of a client was fetched, and until when it is fresh. */
export interface MetadataDocumentFreshness {
  fetchedAt: Date
  freshUntil: Date
}

/** The organisation of such a client: `deleted` if an administrator deleted a client with this client_id. */
export type CimdOwner =
  | { kind: 'organisation'; settings: OrganisationRegistrationSettings }
  | { kind: 'none' }
  | { kind: 'deleted' }

/** The maximum of such clients per organisation. */
export const MAX_CIMD_CLIENTS = 1_000

/** Seconds without use after which one is deleted, and after which it may be evicted for another. */
export const UNUSED_CIMD_CLIENT_RETENTION_SECONDS = 30 * 86_400

export const CIMD_EVICTION_MIN_AGE_SECONDS = 3_600

export interface ClientMetadataDocumentRepository {
  /** Whether any organisation accepts metadata documents, as far as this process knows. */
  isEnabled(): boolean
  /** The organisation that lists the host; otherwise the one that accepts any host. */
  findOwner(clientId: string, host: string): Promise<CimdOwner>
  /** When any process last fetched the client's document. */
  findFreshness(client: ClientReference): Promise<MetadataDocumentFreshness | undefined>
  /**
   * Stores a new client. `exists` if its client_id is in use. At the maximum of the organisation, the client that was unused
   * for longest is deleted; `full` if all are in use.
   */
  register(
    client: NewStoredClient,
    freshness: MetadataDocumentFreshness,
    event: AuditEvent,
  ): Promise<'registered' | 'exists' | 'full'>
  /** Records the fetch and the changed settings; `revokesGrants` invalidates everything that was issued before. */
  refresh(
    client: ClientReference,
    freshness: MetadataDocumentFreshness,
    change: { settings: Partial<ClientSettings>; revokesGrants: boolean; event: AuditEvent } | undefined,
  ): Promise<void>
}
