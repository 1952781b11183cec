import type { GrantEnd, RequestedClaims, SubjectDetails } from './grant.ts'
import type { SecurityEvent } from './security-event.ts'

/** The claims of an access token that say what it hangs from (RFC 9068 §2.2, and `grant_id` of our own). */
export interface AccessTokenReference {
  jti: string
  /** The `client_id` on the wire. */
  clientId: string
  organisationId: string
  /** Absent: issued to the client itself, by client_credentials. */
  grantId: string | undefined
  issuedAt: Date
}

/** Whether an access token whose signature and dates are right still works. */
export type AccessTokenState =
  | { state: 'active'; subject: SubjectDetails | undefined; grantScopes: string[]; claims: RequestedClaims | null }
  | { state: 'ended'; because: GrantEnd | 'token_revoked' | 'unknown' }

export interface AccessTokenRepository {
  /** One read that looks at every level on which a token can end. */
  inspect(token: AccessTokenReference): Promise<AccessTokenState>
  /** Revokes this one token until it would have expired, and records the event the first time. */
  revoke(token: AccessTokenReference & { expiresAt: Date }, event: SecurityEvent): Promise<void>
}
