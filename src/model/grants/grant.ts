// `model/grants` holds grants and what is issued under them: codes, refresh token families and access tokens.
// A grant is one authorization of a client by a user; revoking it invalidates everything issued under it.
// Consents are remembered answers of users and belong here as well.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { Acr } from '../../oauth/acr.ts'
import type { OrganisationAccess } from '../permissions/organisation-access.ts'
import type { User } from '../users/user.ts'

/** Claims that were requested by name, beside those of the scopes (OpenID Connect Core §5.5). */
export interface RequestedClaims {
  userinfo: string[]
  idToken: string[]
}

/** What a user has granted to a client: codes, refresh tokens and access tokens belong to it. */
export interface Grant {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  userId: string
  sessionId: string | null
  scopes: string[]
  claims: RequestedClaims | null
  /** The resources that it is for (RFC 8707), by identifier; null: the authorization request named none. */
  resources: string[] | null
  authTime: Date
  amr: string[]
  /** The authentication context class that was reached when the grant was made. */
  acr: Acr
  /** Given with `offline_access`: outlives the browser session. */
  offline: boolean
  createdAt: Date
}

/**
 * Why a grant is inactive: the first reason that applies. `revoked` is about the grant itself, the others about its
 * session, user, membership, client or organisation.
 */
export type GrantInactiveReason =
  | 'revoked'
  | 'signed_out'
  | 'user_blocked'
  | 'user_deleted'
  | 'membership_inactive'
  | 'client_revoked'
  | 'organisation_closed'

/** The user of a token, as its claims have it. */
export interface Subject extends OrganisationAccess {
  userId: string
}

/** The user of a token, with all that userinfo may return. */
export interface SubjectDetails extends OrganisationAccess {
  user: User
  organisation: { id: string; slug: string; name: string }
  /** Claims that were granted by name. */
  claims: RequestedClaims | null
}

/** Why a grant was revoked, as the row and the audit event have it. */
export type RevocationReason = 'code_replayed' | 'refresh_token_reused'

/** An active grant, as administrators see it. */
export interface ActiveGrant {
  id: string
  userId: string
  email: string
  scopes: string[]
  offline: boolean
  createdAt: Date
}

/** Lists count at most this many rows of a client. */
export const MAX_COUNTED_ROWS = 1_000

export interface GrantRepository {
  /**
   * The grants of a client that are active at `now`, newest first, and their number. At most `MAX_COUNTED_ROWS` are
   * counted; `moreThanTotal` is true if there may be more.
   */
  listForClient(
    client: { id: string; organisationId: string },
    now: Date,
    page: { limit: number; offset: number },
  ): Promise<{ grants: ActiveGrant[]; total: number; moreThanTotal: boolean }>
  /** Revokes one grant of a client and records the event. False if the client has no active grant with this id. */
  revokeForClient(
    client: { id: string; organisationId: string },
    grantId: string,
    now: Date,
    event: AuditEvent,
  ): Promise<boolean>
  /** Revokes a grant and records the event. Revoking it twice records nothing. */
  revoke(
    grant: Pick<Grant, 'id' | 'organisationId'>,
    reason: RevocationReason,
    now: Date,
    event: AuditEvent,
  ): Promise<void>
}
