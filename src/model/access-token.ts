import type { SubjectDetails } from './grant.ts'
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

/** A token that is looked at, at this moment. */
export type InspectedToken = AccessTokenReference & { now: Date }

/** That a token works, and the person it is about, if any. */
export interface Working<Person> {
  person: Person | undefined
}

export interface AccessTokenRepository {
  /** One read that looks at every level on which a token can end; undefined for one that has ended. */
  inspect(token: InspectedToken): Promise<Working<{ userId: string; email: string }> | undefined>
  /** The same, with all that there is to tell of the person. */
  inspectForUserinfo(token: InspectedToken): Promise<Working<SubjectDetails> | undefined>
  /** Revokes this one token until it would have expired, and records the event the first time. */
  revoke(token: AccessTokenReference & { expiresAt: Date }, event: SecurityEvent): Promise<void>
}
