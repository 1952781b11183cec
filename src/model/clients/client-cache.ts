import { isOrganisationActive, type OrganisationStatus } from '../organisations/organisation.ts'
import type { ClientIdMetadataSettings } from './client-id-metadata-settings.ts'
import type { ClientSecret } from './client-secret.ts'
import { isClientEnabled, type Client } from './client.ts'

/** A client as the protocol endpoints need it, from a cache that evicts a changed client within a second. */
export interface RegisteredClient extends Client {
  secrets: ClientSecret[]
  organisation: ClientIdMetadataSettings & {
    slug: string
    name: string
    status: OrganisationStatus
    auditTokens: boolean
  }
}

/** Whether tokens may be issued to a client now. Storage has the same definition in SQL (`active-conditions.ts`). */
export function isClientActive(
  client: Pick<Client, 'isActive' | 'expiresAt'> & { organisation: { status: OrganisationStatus } },
  now: Date,
): boolean {
  return isClientEnabled(client, now) && isOrganisationActive(client.organisation.status)
}

/** What the protocol endpoints ask about clients. */
export interface ClientCache {
  /** The client with this `client_id` in any state, unless it was deleted. */
  find(clientId: string): Promise<RegisteredClient | undefined>
  /** Whether any active client registered this web origin. */
  isAllowedOrigin(origin: string): Promise<boolean>
}
