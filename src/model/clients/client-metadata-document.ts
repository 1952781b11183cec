import type { ClientSettings } from './client.ts'
import type { ClientReference, NewStoredClient } from './client-repository.ts'
import type { OrganisationRegistrationSettings } from './registration-settings.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** When the metadata document of a client was read, and until when it need not be read again. */
export interface MetadataDocumentFreshness {
  fetchedAt: Date
  freshUntil: Date
}

/** Where such a client goes: `removed` where there was one that an administrator deleted. */
export type CimdOwner =
  | { kind: 'organisation'; settings: OrganisationRegistrationSettings }
  | { kind: 'none' }
  | { kind: 'deleted' }

/** How many such clients an organisation may have. */
export const MAX_CIMD_CLIENTS = 1_000

/** Seconds that one may be unused before it goes, and before it makes room for another. */
export const UNUSED_CIMD_CLIENT_RETENTION_SECONDS = 30 * 86_400

export const CIMD_EVICTION_MIN_AGE_SECONDS = 3_600

export interface ClientMetadataDocumentRepository {
  /** Whether any organisation takes documents, as far as this process has heard. */
  isEnabled(): boolean
  /** The organisation that has the host on its list; otherwise the one that takes any. */
  findOwner(clientId: string, host: string): Promise<CimdOwner>
  /** When the client's document was read last, by whichever process. */
  findFreshness(client: ClientReference): Promise<MetadataDocumentFreshness | undefined>
  /**
   * Stores a new client. `exists` where there is one of this client_id; `full` where the organisation has as many as it may
   * have and none that nobody uses: otherwise the one that was unused for longest makes room.
   */
  register(
    client: NewStoredClient,
    freshness: MetadataDocumentFreshness,
    event: AuditEvent,
  ): Promise<'registered' | 'exists' | 'full'>
  /** Notes that the document was read, and what has changed in it; `void`: nothing issued before is good any more. */
  refresh(
    client: ClientReference,
    freshness: MetadataDocumentFreshness,
    change: { settings: Partial<ClientSettings>; revokesGrants: boolean; event: AuditEvent } | undefined,
  ): Promise<void>
}
