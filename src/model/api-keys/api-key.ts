// `model/api-keys` holds API keys: long-lived credentials of users and service accounts for the management API.
// A key acts as its owner, limited to its scopes. Only its hash is stored.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { OutgoingMail } from '../mail/outgoing-mail.ts'

export interface ApiKey {
  id: string
  organisationId: string
  /** The user or the service account as which it acts: one of both, the other is null. */
  userId: string | null
  serviceAccountId: string | null
  name: string
  /** The readable part of the key, by which people recognise it. */
  prefix: string
  /** Permissions. The key has those that its owner holds as well, at the time of use. */
  scopes: string[]
  /** Addresses and networks (CIDR) that may use it; empty: any. */
  allowedAddresses: string[]
  expiresAt: Date
  /** To the minute. */
  lastUsedAt: Date | null
  lastUsedAddress: string | null
  revokedAt: Date | null
  revokedReason: ApiKeyRevocation | null
  createdAt: Date
}

/** Why a key was revoked: by an administrator, for a successor, or because it was published. */
export type ApiKeyRevocation = 'revoked' | 'rotated' | 'leaked'

export const apiKeyStatuses = ['active', 'expired', 'revoked'] as const
export type ApiKeyStatus = (typeof apiKeyStatuses)[number]

export function apiKeyStatus({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: Date) {
  if (revokedAt !== null) return 'revoked'
  return expiresAt > now ? 'active' : 'expired'
}

/** How a key is identified: always within an organisation. */
export type ApiKeyReference = Pick<ApiKey, 'id' | 'organisationId'>

export interface NewApiKey extends Omit<ApiKey, 'lastUsedAt' | 'lastUsedAddress' | 'revokedAt' | 'revokedReason'> {
  keyHash: Buffer
}

/** An active key, with the organisation that it acts in. */
export interface ActiveApiKey extends ApiKey {
  organisationSlug: string
}

/** A key that expires soon, of an active owner. The address is null for a service account. */
export interface ExpiringApiKey extends ApiKey {
  organisationName: string
  email: string | null
  language: string | null
}

export interface ApiKeyQuery {
  organisationId: string
  limit: number
  offset: number
  now: Date
  /** Part of the name or the prefix. */
  search: string | undefined
  userId: string | undefined
  serviceAccountId: string | undefined
  status: ApiKeyStatus | undefined
}

/** Each change stores its audit event in the same statement or transaction. */
export interface ApiKeyRepository {
  /** Newest first. */
  list(query: ApiKeyQuery): Promise<{ keys: ApiKey[]; total: number }>
  find(key: ApiKeyReference): Promise<ApiKey | undefined>
  create(key: NewApiKey, event: AuditEvent): Promise<void>
  /** Revokes a key that is not revoked yet. Returns whether it did. */
  revoke(key: ApiKeyReference, reason: ApiKeyRevocation, event: AuditEvent): Promise<boolean>
  /**
   * Creates the successor of a key, which ends at `endsAt` unless it expires before. Returns false, and changes nothing,
   * where the key is revoked, has expired or has a successor already.
   */
  rotate(key: ApiKeyReference, successor: NewApiKey, endsAt: Date, event: AuditEvent): Promise<boolean>
  /** The key with this hash in an active organisation, unless it is revoked or has expired. */
  findActive(keyHash: Buffer, now: Date): Promise<ActiveApiKey | undefined>
  /** Whether a token of this key is active at `now`: its owner, its organisation and the key itself are. */
  isUsable(key: ApiKeyReference, now: Date): Promise<boolean>
  /** Whether an enabled client of the organisation has this audience. */
  isAudience(organisationId: string, audience: string, now: Date): Promise<boolean>
  /**
   * Marks keys of active owners that expire until `before`, at most `limit`, and stores an event and a mail for each. A key
   * is returned once, whichever process asks; not one with a successor, nor one whose whole life is as short.
   */
  announceExpiring(
    now: Date,
    before: Date,
    limit: number,
    noticeOf: (key: ExpiringApiKey) => { event: AuditEvent; mail: OutgoingMail | undefined },
  ): Promise<number>
  /** Notes a use. */
  recordUse(key: ApiKeyReference, address: string, now: Date): Promise<void>
  /** Revokes those of these keys that are not revoked, and records an event for each. Returns their number. */
  revokeLeaked(keyHashes: readonly Buffer[], now: Date, eventOf: (key: ApiKey) => AuditEvent): Promise<number>
}
