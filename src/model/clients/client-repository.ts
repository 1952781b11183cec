import type { ClientType } from '../../oauth/redirect-uri.ts'
import type { Client, StoredSettings } from './client.ts'
import type { ClientSecret, ClientSecretInfo } from './client-secret.ts'
import type { TokenLifetimes } from '../organisations/organisation-settings.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** The conditions of a list, all of which must be met, and its page. */
export interface ClientQuery {
  organisationId: string
  search?: string | undefined
  clientType?: ClientType | undefined
  isActive?: boolean | undefined
  group?: string | undefined
  externalId?: string | undefined
  /** An attribute that equals `value`, or a list that contains it. */
  attribute?: { name: string; value: string } | undefined
  grantType?: string | undefined
  authMethod?: string | undefined
  /** The host of a redirect URI, without its port. */
  redirectHost?: string | undefined
  expiringBefore?: Date | undefined
  /** Neither used nor created since. */
  unusedSince?: Date | undefined
  /** Clients without the value of the sort column come last. */
  sort: { by: 'name' | 'clientId' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'lastUsedAt'; descending: boolean }
  limit: number
  offset: number
}

/** Identifies a client of one organisation. `id` is the row's id. */
export interface ClientReference {
  organisationId: string
  id: string
}

/** A client without the members that the database sets. */
export type NewStoredClient = StoredSettings &
  Pick<Client, 'id' | 'organisationId' | 'clientId' | 'createdAt' | 'updatedAt'>

/** Clients for administration. Each write records its event in the same transaction. */
export interface ClientRepository {
  /** The lifetimes of tokens in the organisation, for clients without their own. */
  findTokenLifetimes(organisationId: string): Promise<TokenLifetimes>
  /**
   * `external_id_taken` if another client of the organisation has its externalId, `client_id_taken` if a client of any
   * organisation has its `client_id`.
   */
  create(
    client: NewStoredClient,
    secret: ClientSecret | undefined,
    event: AuditEvent,
  ): Promise<Client | 'external_id_taken' | 'client_id_taken'>
  /** Whether a client of any organisation has this `client_id`, deleted ones included. */
  isClientIdTaken(clientId: string): Promise<boolean>
  list(query: ClientQuery): Promise<{ clients: Client[]; total: number }>
  get(reference: ClientReference): Promise<Client | undefined>
  /**
   * Undefined if the client is gone or its version is not that of `client` any more. If it stops signing with its secret,
   * the sealed secrets are erased and only their hashes stay. `external_id_taken` as above.
   */
  update(
    client: Client,
    update: Partial<StoredSettings>,
    now: Date,
    event: AuditEvent,
  ): Promise<Client | 'external_id_taken' | undefined>
  /** Adds a secret; the others expire at `othersExpireAt` at the latest. */
  rotateSecret(
    reference: ClientReference,
    secret: ClientSecret,
    othersExpireAt: Date,
    now: Date,
    event: AuditEvent,
  ): Promise<Client | undefined>
  /** Adds a secret beside the others; `full` if there are `MAX_CLIENT_SECRETS` valid ones. */
  addSecret(
    reference: ClientReference,
    secret: ClientSecret & { label: string | null },
    now: Date,
    event: AuditEvent,
  ): Promise<Client | 'full' | undefined>
  /** Whether it has a secret that is valid at `now` and stored sealed, so that it can sign with it. */
  hasSigningSecret(reference: ClientReference, now: Date): Promise<boolean>
  /** The secrets that are valid at `now`, oldest first. */
  listSecrets(reference: ClientReference, now: Date): Promise<ClientSecretInfo[]>
  /** Deletes one secret. False if the client has no secret with this id. */
  deleteSecret(reference: ClientReference, id: string, event: AuditEvent): Promise<boolean>
  /** Invalidates everything that was issued to it so far. */
  revokeGrants(reference: ClientReference, now: Date, event: AuditEvent): Promise<Client | undefined>
  /** Disables it and invalidates everything that was issued to it. */
  revoke(reference: ClientReference, now: Date, event: AuditEvent): Promise<Client | undefined>
  /** Soft and final; its `client_id` is never reused. False if it does not exist in this `version`. */
  delete(reference: ClientReference, version: number | undefined, now: Date, event: AuditEvent): Promise<boolean>
}
