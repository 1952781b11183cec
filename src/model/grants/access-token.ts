import type { SubjectDetails } from './grant.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

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

/** A token that is looked at, at this moment. */
export type InspectedToken = AccessTokenReference & { now: Date }

/** That a token works, and the person it is about, if any. */
export interface ActiveToken<Subject> {
  subject: Subject | undefined
}

export interface AccessTokenRepository {
  /** One read that looks at every level on which a token can end; undefined for one that has ended. */
  inspect(token: InspectedToken): Promise<ActiveToken<{ userId: string; email: string }> | undefined>
  /** The same, with all that there is to tell of the person. */
  inspectForUserinfo(token: InspectedToken): Promise<ActiveToken<SubjectDetails> | undefined>
  /** Revokes this one token until it would have expired, and records the event the first time. */
  revoke(token: AccessTokenReference & { expiresAt: Date }, event: AuditEvent): Promise<void>
}
