import type { Client, ClientSettings } from './client.ts'
import type { ClientSecret } from './client-secret.ts'
import type { ClientReference, NewStoredClient } from './client-repository.ts'
import type { OrganisationRegistrationSettings, RegistrationSettings } from './registration-settings.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** A token that permits registering clients, with at most these scopes. */
export interface InitialAccessToken {
  id: string
  organisationId: string
  name: string
  /** The user who created it; null if a client did so for itself. */
  userId: string | null
  /** The `client_id` of the application that created it, for the user or for itself. */
  actingClientId: string | null
  usesLeft: number
  scopes: string[]
  expiresAt: Date
  lastUsedAt: Date | null
  createdAt: Date
}

/** A client that registers itself. */
export interface NewRegistration {
  client: NewStoredClient
  secret: ClientSecret | undefined
  /** SHA-256 of the registration access token. */
  tokenHash: Uint8Array
  /** Members that are returned as they were sent and are no settings. */
  metadata: Readonly<Record<string, unknown>>
  /** Whether it has neither an initial access token nor a software statement. */
  anonymous: boolean
  /** When an unused registration expires. */
  expiresAt: Date | undefined
  /** How many registrations of the organisation may wait for their expiry; undefined: any number. */
  limit: number | undefined
}

/** A registered client, as its configuration endpoint returns it (RFC 7592). */
export interface ClientRegistration {
  client: Client
  metadata: Readonly<Record<string, unknown>>
}

export interface ClientRegistrationRepository {
  /** The settings of the organisation with this id or slug, or of the operator's if neither is given. */
  findSettings(
    organisation: { id: string } | { slug: string | undefined },
  ): Promise<OrganisationRegistrationSettings | undefined>
  /**
   * Changes the given settings and returns all. `host_taken`, and nothing is changed, if another organisation lists one of
   * the hosts, or accepts any host as well.
   */
  updateSettings(
    organisationId: string,
    change: { [Setting in keyof RegistrationSettings]?: RegistrationSettings[Setting] | undefined },
    event: AuditEvent,
  ): Promise<RegistrationSettings | 'host_taken'>

  createInitialAccessToken(token: InitialAccessToken, tokenHash: Uint8Array, event: AuditEvent): Promise<void>
  listInitialAccessTokens(organisationId: string): Promise<InitialAccessToken[]>
  /** False if the token does not exist. */
  deleteInitialAccessToken(token: { id: string; organisationId: string }, event: AuditEvent): Promise<boolean>
  /** A token that has a use left. */
  findInitialAccessToken(tokenHash: Uint8Array, now: Date): Promise<InitialAccessToken | undefined>

  /**
   * Stores the client and consumes one use of the initial access token, if one is given. Undefined, and nothing is stored,
   * if it has no use left; `full` if the organisation has too many registrations that wait for their expiry.
   */
  register(
    registration: NewRegistration,
    initialToken: { id: string; organisationId: string } | undefined,
    event: AuditEvent,
  ): Promise<Client | 'full' | undefined>
  /**
   * The registration of a registration access token, which is rotated to `next`. The old token stays valid until `next` is
   * used, so that a lost response does no harm.
   */
  rotateRegistrationToken(
    clientId: string,
    tokenHash: Uint8Array,
    next: Uint8Array,
  ): Promise<ClientRegistration | undefined>
  /** Replaces the registered settings and metadata. */
  replace(
    client: ClientReference,
    settings: Partial<ClientSettings>,
    metadata: Readonly<Record<string, unknown>>,
    event: AuditEvent,
  ): Promise<Client | undefined>
}
