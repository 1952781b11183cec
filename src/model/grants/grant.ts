// `model/grants` holds grants and what is issued under them: codes, refresh token families and access tokens.
// A grant is one authorization of a client by a user; revoking it invalidates everything issued under it.
// Consents are remembered answers of users and belong here as well.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { User } from '../users/user.ts'

/** Claims that were asked for by name, beside those that scopes release (OpenID Connect Core §5.5). */
export interface RequestedClaims {
  userinfo: string[]
  idToken: string[]
}

/** What a person allowed a client: the one row that codes, refresh tokens and access tokens hang from. */
export interface Grant {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  userId: string
  sessionId: string | null
  scopes: string[]
  claims: RequestedClaims | null
  authTime: Date
  amr: string[]
  /** Given with `offline_access`: outlives the browser session. */
  offline: boolean
  createdAt: Date
}

/**
 * Why nothing that hangs from a grant works any more: the first reason that applies.
 * `revoked` is the grant's own end; the others are those of what the grant itself hangs from.
 */
export type GrantInactiveReason =
  | 'revoked'
  | 'signed_out'
  | 'user_blocked'
  | 'user_deleted'
  | 'client_revoked'
  | 'organisation_closed'

/** The person that a token is about, as tokens speak of them. Roles are for applications of the organisation itself. */
export interface Subject {
  userId: string
  roles: string[]
}

/** The person that a token is about, with all that userinfo may have to tell of them. */
export interface SubjectDetails {
  user: User
  organisation: { id: string; slug: string; name: string }
  /** Those that the person allowed the client to learn by name. */
  claims: RequestedClaims | null
  /** With the permissions that they carry, for applications of the organisation itself; else empty. */
  roles: { slug: string; name: string; permissions: string[] }[]
}

/** Why a grant was revoked, as the log has it. */
export type RevocationReason = 'code_replayed' | 'refresh_token_reused'

/** A grant that lives, as administrators see it. */
export interface ActiveGrant {
  id: string
  userId: string
  email: string
  scopes: string[]
  offline: boolean
  createdAt: Date
}

/** So many of what a client has are counted, and no more. */
export const MAX_COUNTED_ROWS = 1_000

export interface GrantRepository {
  /**
   * The grants of a client that live at `now`, the newest first, and how many there are: no more than `MOST_COUNTED` are
   * counted, and `moreThanTotal` says whether there may be more.
   */
  listForClient(
    client: { id: string; organisationId: string },
    now: Date,
    page: { limit: number; offset: number },
  ): Promise<{ grants: ActiveGrant[]; total: number; moreThanTotal: boolean }>
  /** Ends one grant of a client and records the event. False where the client has none of this id, or it has ended. */
  revokeForClient(
    client: { id: string; organisationId: string },
    grantId: string,
    now: Date,
    event: AuditEvent,
  ): Promise<boolean>
  /** Ends a grant and with it all that hangs from it, and records the event. Ending it twice records nothing. */
  revoke(
    grant: Pick<Grant, 'id' | 'organisationId'>,
    reason: RevocationReason,
    now: Date,
    event: AuditEvent,
  ): Promise<void>
}
