import type { SubjectDetails } from './grant.ts'
import type { AccessRead } from '../permissions/organisation-access.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** The claims of an access token that identify its client and grant (RFC 9068 §2.2; `grant_id` is our own). */
export interface AccessTokenReference {
  jti: string
  /** The `client_id` on the wire. */
  clientId: string
  organisationId: string
  /** Absent: issued to the client itself, by client_credentials. */
  grantId: string | undefined
  issuedAt: Date
}

/** A token to inspect at `now`. */
export type InspectedToken = AccessTokenReference & { now: Date }

/** An active token, with its user, if any. */
export interface ActiveToken<Subject> {
  subject: Subject | undefined
}

export interface AccessTokenRepository {
  /** One read of everything that can make a token inactive; undefined for an inactive one. */
  inspect(token: InspectedToken): Promise<ActiveToken<{ userId: string; email: string }> | undefined>
  /** The same, with all claims of the user, and what is to be read of their access. */
  inspectForUserinfo(
    token: InspectedToken & { accessReads: readonly AccessRead[] },
  ): Promise<ActiveToken<SubjectDetails> | undefined>
  /** Revokes this one token until it would have expired, and records the event the first time. */
  revoke(token: AccessTokenReference & { expiresAt: Date }, event: AuditEvent): Promise<void>
}
