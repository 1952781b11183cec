import type { ClientSettings } from './client.ts'
import type { ClientReference, NewStoredClient } from './client-repository.ts'
import type { RegistrationSettings } from './client-registration.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

export const clientIdMetadataModes = ['off', 'hosts', 'any'] as const
/** Whose metadata documents are taken as clients: nobody's, those on listed hosts, or those on any host as well. */
export type ClientIdMetadataMode = (typeof clientIdMetadataModes)[number]

/** What an organisation makes of clients whose client_id is the address of their metadata. */
export interface ClientIdMetadataSettings {
  clientIdMetadataDocuments: ClientIdMetadataMode
  /** With a port where that is not 443. No host is on the list of two organisations. */
  clientIdMetadataHosts: readonly string[]
}

/** Whether a document on `host` is taken. Who takes any host takes it at the usual port: others must be listed. */
export function acceptsMetadataDocumentsFrom(
  { clientIdMetadataDocuments: mode, clientIdMetadataHosts: hosts }: ClientIdMetadataSettings,
  host: string,
): boolean {
  if (mode === 'off') return false
  return hosts.includes(host) || (mode === 'any' && !host.includes(':'))
}

/** When the metadata document of a client was read, and until when it need not be read again. */
export interface MetadataDocumentFreshness {
  fetchedAt: Date
  freshUntil: Date
}

/** The rules that a client is under whose client_id is an address, and whose they are. */
export type OrganisationRegistrationSettings = RegistrationSettings & { organisationId: string }

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
