import type { AuthenticationPolicy } from '../../oauth/acr.ts'
import { clientIdHost, isClientIdUrl } from '../../oauth/client-id-url.ts'
import { isOrganisationActive, type OrganisationStatus } from '../organisations/organisation.ts'
import type { ClientIdMetadataSettings } from './client-id-metadata-settings.ts'
import type { ClientSecret } from './client-secret.ts'
import { isClientEnabled, type Client } from './client.ts'

/** A client as the protocol endpoints need it, from a cache that evicts a changed client within a second. */
export interface RegisteredClient extends Client {
  secrets: ClientSecret[]
  /** Whether it registered itself under the open policy, without an initial access token or a software statement. */
  registeredAnonymously: boolean
  /** Whether it registered itself (RFC 7591). */
  selfRegistered: boolean
  organisation: ClientIdMetadataSettings & {
    slug: string
    name: string
    status: OrganisationStatus
    auditTokens: boolean
    /** Whether its users may choose to stay signed in. */
    offersStaySignedIn: boolean
    authenticationPolicy: AuthenticationPolicy
  }
}

/** Whether tokens may be issued to a client now. Storage has the same definition in SQL (`active-conditions.ts`). */
export function isClientActive(
  client: Pick<Client, 'isActive' | 'expiresAt'> & { organisation: { status: OrganisationStatus } },
  now: Date,
): boolean {
  return isClientEnabled(client, now) && isOrganisationActive(client.organisation.status)
}

/**
 * Whether no administrator, token or trusted issuer stands behind a client: it registered itself anonymously, or its
 * metadata document is on a host that the organisation did not list.
 */
export function isAnonymousClient({ clientId, registeredAnonymously, organisation }: RegisteredClient): boolean {
  if (!isClientIdUrl(clientId)) return registeredAnonymously
  return !organisation.clientIdMetadataHosts.includes(clientIdHost(clientId))
}

/** What the protocol endpoints ask about clients. */
export interface ClientCache {
  /** The client with this `client_id` in any state, unless it was deleted. */
  find(clientId: string): Promise<RegisteredClient | undefined>
  /** Whether any active client registered this web origin. */
  isAllowedOrigin(origin: string): Promise<boolean>
}
