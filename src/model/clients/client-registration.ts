import type { Client, ClientSettings } from './client.ts'
import type { ClientSecret } from './client-secret.ts'
import type { ClientReference, NewStoredClient } from './client-repository.ts'
import type { OrganisationRegistrationSettings, RegistrationSettings } from './registration-settings.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** Lets somebody register clients. Scopes are the most that these may have. */
export interface InitialAccessToken {
  id: string
  organisationId: string
  name: string
  /** Who made it; null where a client did so for itself. */
  userId: string | null
  /** The `client_id` of the application that made it, for that person or for itself. */
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
  /** What is told again as it was sent, and is no setting. */
  metadata: Readonly<Record<string, unknown>>
  /** When it ends if nobody has used the client by then. */
  expiresAt: Date | undefined
}

/** A registered client, as its own administration sees it (RFC 7592). */
export interface ClientRegistration {
  client: Client
  metadata: Readonly<Record<string, unknown>>
}

export interface ClientRegistrationRepository {
  /** The organisation of this id or slug, or the operator's where neither is given, with its rules. */
  findSettings(
    organisation: { id: string } | { slug: string | undefined },
  ): Promise<OrganisationRegistrationSettings | undefined>
  /**
   * Changes those rules that are given; answers all. `taken`, and nothing is changed, where another organisation has one of
   * the hosts on its list, or takes any as well.
   */
  updateSettings(
    organisationId: string,
    change: { [Setting in keyof RegistrationSettings]?: RegistrationSettings[Setting] | undefined },
    event: AuditEvent,
  ): Promise<RegistrationSettings | 'host_taken'>

  createInitialAccessToken(token: InitialAccessToken, tokenHash: Uint8Array, event: AuditEvent): Promise<void>
  listInitialAccessTokens(organisationId: string): Promise<InitialAccessToken[]>
  /** False where there is no such token. */
  deleteInitialAccessToken(token: { id: string; organisationId: string }, event: AuditEvent): Promise<boolean>
  /** A token that is good for a client more. */
  findInitialAccessToken(tokenHash: Uint8Array, now: Date): Promise<InitialAccessToken | undefined>

  /**
   * Stores the client and, with an initial access token, takes one use from it. Undefined, and nothing is stored, where
   * it has none left.
   */
  register(
    registration: NewRegistration,
    initialToken: { id: string; organisationId: string } | undefined,
    event: AuditEvent,
  ): Promise<Client | undefined>
  /**
   * The registration that a registration access token is for. The token is exchanged for `next`; it is good itself until
   * `next` is used, so that an answer may be lost.
   */
  rotateRegistrationToken(
    clientId: string,
    tokenHash: Uint8Array,
    next: Uint8Array,
  ): Promise<ClientRegistration | undefined>
  /** Replaces what was registered. */
  replace(
    client: ClientReference,
    settings: Partial<ClientSettings>,
    metadata: Readonly<Record<string, unknown>>,
    event: AuditEvent,
  ): Promise<Client | undefined>
}
