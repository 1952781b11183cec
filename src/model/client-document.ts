import type { ClientSettings } from './client.ts'
import type { ClientReference, NewClientRow } from './client-repository.ts'
import type { RegistrationRules } from './registration.ts'
import type { SecurityEvent } from './security-event.ts'

export const clientIdMetadataModes = ['off', 'hosts', 'any'] as const
/** Whose metadata documents are taken as clients: nobody's, those on listed hosts, or those on any host as well. */
export type ClientIdMetadataMode = (typeof clientIdMetadataModes)[number]

/** What an organisation makes of clients whose client_id is the address of their metadata. */
export interface ClientIdMetadataRules {
  clientIdMetadataDocuments: ClientIdMetadataMode
  /** With a port where that is not 443. No host is on the list of two organisations. */
  clientIdMetadataHosts: readonly string[]
}

/** Whether a document on `host` is taken. Who takes any host takes it at the usual port: others must be listed. */
export function takesDocumentsOf(
  { clientIdMetadataDocuments: mode, clientIdMetadataHosts: hosts }: ClientIdMetadataRules,
  host: string,
): boolean {
  if (mode === 'off') return false
  return hosts.includes(host) || (mode === 'any' && !host.includes(':'))
}

/** When the metadata document of a client was read, and until when it need not be read again. */
export interface DocumentReading {
  readAt: Date
  freshUntil: Date
}

/** The rules that a client is under whose client_id is an address, and whose they are. */
export type DocumentRules = RegistrationRules & { organisationId: string }

/** Where such a client goes: `removed` where there was one that an administrator deleted. */
export type DocumentPlace = { kind: 'organisation'; rules: DocumentRules } | { kind: 'nowhere' } | { kind: 'removed' }

/** How many such clients an organisation may have. */
export const MOST_DOCUMENTS = 1_000
/** Seconds that one may be unused before it goes, and before it makes room for another. */
export const UNUSED = 30 * 86_400
export const MAKES_ROOM = 3_600

export interface ClientDocumentRepository {
  /** Whether any organisation takes documents, as far as this process has heard. */
  isOffered(): boolean
  /** The organisation that has the host on its list; otherwise the one that takes any. */
  findPlace(clientId: string, host: string): Promise<DocumentPlace>
  /** When the client's document was read last, by whichever process. */
  findReading(client: ClientReference): Promise<DocumentReading | undefined>
  /**
   * Stores a new client. `exists` where there is one of this client_id; `full` where the organisation has as many as it may
   * have and none that nobody uses: otherwise the one that was unused for longest makes room.
   */
  register(
    client: NewClientRow,
    reading: DocumentReading,
    event: SecurityEvent,
  ): Promise<'registered' | 'exists' | 'full'>
  /** Notes that the document was read, and what has changed in it; `void`: nothing issued before is good any more. */
  refresh(
    client: ClientReference,
    reading: DocumentReading,
    change: { settings: Partial<ClientSettings>; voids: boolean; event: SecurityEvent } | undefined,
  ): Promise<void>
}
