import type { AuditEvent } from '../audit/audit-event.ts'
import type { EndedAccess, UserReference } from './user-directory.ts'

/** A client as lists of a user's access name it. */
export interface AccessClient {
  id: string
  clientId: string
  name: string
}

/** An active grant of a user. */
export interface UserGrant {
  id: string
  client: AccessClient
  scopes: string[]
  /** Whether it stays active after the session in which it was given. */
  offline: boolean
  sessionId: string | null
  createdAt: Date
}

/** The scopes that a user allowed a client, until the consent is revoked. */
export interface UserConsent {
  client: AccessClient
  scopes: string[]
  grantedAt: Date
}

interface Page {
  limit: number
  offset: number
}

/** What a user has given to clients, and how they sign in. Each act stores its audit event in the same transaction. */
export interface UserAccessRepository {
  /** The grants that are active at `now`, newest first, and their number. */
  listGrants(user: UserReference, now: Date, page: Page): Promise<{ grants: UserGrant[]; total: number }>
  /** Revokes one grant. Returns whether the user had it. */
  revokeGrant(user: UserReference, grantId: string, event: AuditEvent): Promise<boolean>
  /** Revokes every grant, also those for offline access. Returns their number. */
  revokeGrants(user: UserReference, event: AuditEvent): Promise<number>
  /** The active consents, newest first, and their number. */
  listConsents(user: UserReference, page: Page): Promise<{ consents: UserConsent[]; total: number }>
  /** Revokes the consent to a client, by its id or `client_id`, with the grants to it. Returns whether there was one. */
  revokeConsent(user: UserReference, client: string, event: AuditEvent): Promise<boolean>
  /** The same for all clients. Returns the number of consents. */
  revokeConsents(user: UserReference, event: AuditEvent): Promise<number>
  /** Removes the password, and ends sessions and grants. `no_password`: the user has none. */
  removePassword(user: UserReference, event: AuditEvent): Promise<EndedAccess | 'no_password'>
}
