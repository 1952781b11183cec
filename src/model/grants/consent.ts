import type { AuditEvent } from '../audit/audit-event.ts'

/** The scopes that a user has granted to a client, until the consent is revoked. */
export interface Consent {
  userId: string
  email: string
  scopes: string[]
  /** When the user last consented. */
  grantedAt: Date
}

interface ConsentClient {
  id: string
  organisationId: string
}

export interface ConsentRepository {
  /**
   * The active consents of a client, newest first, and their number. At most `MAX_COUNTED_ROWS` are counted;
   * `moreThanTotal` is true if there may be more.
   */
  listForClient(
    client: ConsentClient,
    page: { limit: number; offset: number },
  ): Promise<{ consents: Consent[]; total: number; moreThanTotal: boolean }>
  /** Revokes the consent and the grants of one user, and records the event. False if there is no consent. */
  revoke(client: ConsentClient, userId: string, now: Date, event: AuditEvent): Promise<boolean>
  /** The same for all consents up to `now`, in batches; each batch is atomic. */
  revokeAll(client: ConsentClient, now: Date, event: AuditEvent): Promise<void>
}
