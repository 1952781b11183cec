// `model/sessions` holds browser sessions and the queue of back-channel logout notifications.
// A session belongs to one user and ends by lifetime, inactivity or sign-out.
// Cookies belong to `http`.

import { hasAccessSince, isOrganisationActive, type Organisation } from '../organisations/organisation.ts'
import { isMembershipActive, type Membership } from '../users/membership.ts'
import { isUserActive, type UserCredentials, type User, type UserStatus } from '../users/user.ts'
import type { MailedCode } from '../recovery/account-recovery.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { AuthenticationMethod, ProvenMethod } from '../../oauth/authentication-methods.ts'

/** A signed-in browser. */
export interface Session {
  id: string
  organisationId: string
  userId: string
  /** When the user last signed in to it. */
  authTime: Date
  /** The methods that the user has proven, as `amr` names them. */
  amr: string[]
  ipAddress: string | null
  userAgent: string | null
  lastActivityAt: Date
  /** Whether the user chose to stay signed in: the idle timeout does not apply. */
  remembered: boolean
  expiresAt: Date
  createdAt: Date
}

/** Whether a session may be used. Storage has the same definition in SQL (`active-conditions.ts`). */
export function isSessionActive(
  session: Pick<Session, 'expiresAt' | 'lastActivityAt' | 'createdAt' | 'remembered'> & { endedAt: Date | null },
  user: UserStatus,
  membership: Pick<Membership, 'state'> | undefined,
  organisation: Pick<Organisation, 'status' | 'sessionIdleTimeout' | 'accessEndedAt'>,
  now: Date,
): boolean {
  const idleSeconds = (now.getTime() - session.lastActivityAt.getTime()) / 1000
  return (
    session.endedAt === null &&
    session.expiresAt > now &&
    (session.remembered || idleSeconds < organisation.sessionIdleTimeout) &&
    isUserActive(user) &&
    isMembershipActive(membership) &&
    isOrganisationActive(organisation.status) &&
    hasAccessSince(organisation, session.createdAt)
  )
}

/** An active session, with its user and organisation. */
export interface ActiveSession extends Pick<
  Session,
  'id' | 'organisationId' | 'userId' | 'authTime' | 'lastActivityAt'
> {
  /** The methods that the user has proven since the sign-in. */
  methods: readonly ProvenMethod[]
  user: Pick<User, 'id' | 'organisationId' | 'email' | 'name' | 'givenName' | 'familyName'> & {
    /** The second factors that the user has. */
    mfaMethods: readonly string[]
  }
  organisation: { id: string; slug: string; name: string }
}

/** What the authorization endpoint reads in one statement. */
export interface SessionContext {
  session: ActiveSession
  /** The scopes that the user has granted to the client; empty without a consent. */
  consentedScopes: string[]
  /** Whether its last activity was recorded so long ago that it must be recorded again. */
  isTouchDue: boolean
}

/** A session that has just ended, and how its clients are notified. */
export interface EndedSession {
  /** Front-channel logout addresses of the clients that were granted openid in this session (Front-Channel Logout §3). */
  frontChannelLogoutUris: { uri: string; sessionRequired: boolean }[]
  /** How many back-channel logout notifications were queued. */
  queuedBackchannelLogouts: number
}

/** How a session of a user is identified. */
export type SessionReference = Pick<Session, 'id' | 'userId' | 'organisationId'>

/** The sessions that ended beside the one that stays, and how many back-channel logout notifications were queued. */
export interface OtherSessionsEnd {
  sessions: number
  queuedBackchannelLogouts: number
}

/** A sign-in that succeeded. `tokenHash` is the hash of the new cookie. */
export interface SignIn {
  /** The id of the session if a new one is created. */
  newSessionId: string
  tokenHash: Uint8Array
  credentials: UserCredentials
  methods: readonly AuthenticationMethod[]
  ipAddress: string
  userAgent: string | undefined
  now: Date
  /** Whether the user stays signed in, for the lifetime that the organisation has for that. */
  remembered: boolean
  /** The hash of the browser's previous cookie. */
  previousTokenHash: Uint8Array | undefined
  /** The authorization request that the sign-in was for. */
  authorizationRequestId: string | undefined
}

export interface SessionRepository {
  /**
   * Records a sign-in. If the previous cookie belongs to an active session of the same user in the same organisation, that session continues under
   * the new cookie with a new `authTime`. Otherwise a session is created, and the previous cookie becomes invalid. Returns
   * the id of the session.
   */
  signIn(signIn: SignIn, event: AuditEvent): Promise<string>
  /** Adds methods of authentication to a session, or renews them: a step-up. False if the session has ended. */
  addMethods(session: SessionReference, methods: readonly AuthenticationMethod[], event: AuditEvent): Promise<boolean>
  /** The active session of a cookie, and the user's consent for a client (by row id). */
  findContext(tokenHash: Uint8Array, clientId: string | undefined, now: Date): Promise<SessionContext | undefined>
  /** Sets `lastActivityAt` to `now`. */
  touch(session: Pick<Session, 'id' | 'organisationId'>, now: Date): Promise<void>
  /** Active sessions of a user, most recently used first. */
  list(user: Pick<User, 'id' | 'organisationId'>, now: Date): Promise<Session[]>
  /** Ends a session of this user and what belongs to it; undefined if it had ended before. */
  end(
    session: Pick<Session, 'id' | 'userId' | 'organisationId'>,
    now: Date,
    event: AuditEvent,
  ): Promise<EndedSession | undefined>
  /** Ends the other sessions of this user and what belongs to them. Records the event if there were any. */
  endOthers(session: SessionReference, event: AuditEvent): Promise<OtherSessionsEnd>
  /**
   * Replaces the password hash of the user of this session if it is still `previous`. Ends the other sessions, and revokes
   * every grant that was made in them. `notice` is mailed to the user. Undefined if the hash has changed, or the user is blocked or deleted.
   */
  changePassword(
    session: SessionReference,
    passwordHash: { previous: string; next: string },
    event: AuditEvent,
    notice: MailedCode | undefined,
  ): Promise<OtherSessionsEnd | undefined>
}

/** The part of the idle timeout between two updates of `lastActivityAt`, so that not every read costs a write. */
export const SESSION_TOUCH_FRACTION = 1 / 60

/** Records events that no other write belongs to, such as failed sign-ins. */
export interface AuditEventRecorder {
  record(event: AuditEvent): Promise<void>
}
