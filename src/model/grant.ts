import type { SecurityEvent } from './security-event.ts'
import type { User } from './user.ts'

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
export type GrantEnd =
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
export type RevocationCause = 'code_replayed' | 'refresh_token_reused'

/** A grant that lives, as administrators see it. */
export interface LiveGrant {
  id: string
  userId: string
  email: string
  scopes: string[]
  offline: boolean
  createdAt: Date
}

/** So many of what a client has are counted, and no more. */
export const MOST_COUNTED = 1_000

export interface GrantRepository {
  /**
   * The grants of a client that live at `now`, the newest first, and how many there are: no more than `MOST_COUNTED` are
   * counted, and `moreThanTotal` says whether there may be more.
   */
  listOfClient(
    client: { id: string; organisationId: string },
    now: Date,
    page: { limit: number; offset: number },
  ): Promise<{ grants: LiveGrant[]; total: number; moreThanTotal: boolean }>
  /** Ends one grant of a client and records the event. False where the client has none of this id, or it has ended. */
  revokeOfClient(
    client: { id: string; organisationId: string },
    grantId: string,
    now: Date,
    event: SecurityEvent,
  ): Promise<boolean>
  /** Ends a grant and with it all that hangs from it, and records the event. Ending it twice records nothing. */
  revoke(
    grant: Pick<Grant, 'id' | 'organisationId'>,
    cause: RevocationCause,
    now: Date,
    event: SecurityEvent,
  ): Promise<void>
}
