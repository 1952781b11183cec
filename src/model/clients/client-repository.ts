import type { ClientType } from '../../oauth/redirect-uri.ts'
import type { Client, ClientSettings } from './client.ts'
import type { ClientSecret, ClientSecretInfo } from './client-secret.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** Which clients a list is to hold; all conditions must be met. */
export interface ClientQuery {
  organisationId: string
  search?: string | undefined
  clientType?: ClientType | undefined
  isActive?: boolean | undefined
  group?: string | undefined
  externalId?: string | undefined
  /** One that is `value`, or a list that holds it. */
  attribute?: { name: string; value: string } | undefined
  grantType?: string | undefined
  authMethod?: string | undefined
  /** The host of a redirect URI, without its port. */
  redirectHost?: string | undefined
  expiringBefore?: Date | undefined
  /** Neither used nor made since. */
  unusedSince?: Date | undefined
  /** Clients without the value that is sorted by come last. */
  sort: { by: 'name' | 'clientId' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'lastUsedAt'; descending: boolean }
  limit: number
  offset: number
}

/** Names a client of one organisation. `id` is the row's id. */
export interface ClientReference {
  organisationId: string
  id: string
}

/** A client of which the database has not said anything yet. */
export type NewStoredClient = Omit<Client, 'version' | 'revokedAt' | 'lastUsedAt'>

/** The clients as administrators keep them. Each write records its event in the same transaction. */
export interface ClientRepository {
  /** `taken` where another client of the organisation has its externalId. */
  create(
    client: NewStoredClient,
    secret: ClientSecret | undefined,
    event: AuditEvent,
  ): Promise<Client | 'external_id_taken'>
  list(query: ClientQuery): Promise<{ clients: Client[]; total: number }>
  get(reference: ClientReference): Promise<Client | undefined>
  /**
   * Undefined where the client is gone, or is not as `client` any more: what was found out about that one may be wrong. Of
   * a client that comes to authenticate without signing with its secret, what is more than a hash is erased. `taken` as
   * above.
   */
  update(
    client: Client,
    update: Partial<ClientSettings>,
    now: Date,
    event: AuditEvent,
  ): Promise<Client | 'external_id_taken' | undefined>
  /** Adds a secret and lets the others end at `othersExpireAt` at the latest. */
  rotateSecret(
    reference: ClientReference,
    secret: ClientSecret,
    othersExpireAt: Date,
    now: Date,
    event: AuditEvent,
  ): Promise<Client | undefined>
  /** Adds a secret beside the others; `full` where there are `MOST_SECRETS` that are good. */
  addSecret(
    reference: ClientReference,
    secret: ClientSecret & { label: string | null },
    now: Date,
    event: AuditEvent,
  ): Promise<Client | 'full' | undefined>
  /** Whether it has a secret that is good at `now` and that it could sign with: kept sealed, and not as a hash alone. */
  hasSigningSecret(reference: ClientReference, now: Date): Promise<boolean>
  /** Those that are good at `now`, the oldest first. */
  listSecrets(reference: ClientReference, now: Date): Promise<ClientSecretInfo[]>
  /** Ends one secret. False where the client has none of this id. */
  deleteSecret(reference: ClientReference, id: string, event: AuditEvent): Promise<boolean>
  /** Makes everything issued to it so far void. */
  revokeGrants(reference: ClientReference, now: Date, event: AuditEvent): Promise<Client | undefined>
  /** Makes it inactive and everything issued to it void. */
  revoke(reference: ClientReference, now: Date, event: AuditEvent): Promise<Client | undefined>
  /** Soft and final; its `client_id` is never given to another. False where there is none, or not of that `version`. */
  delete(reference: ClientReference, version: number | undefined, now: Date, event: AuditEvent): Promise<boolean>
}
