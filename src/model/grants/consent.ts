import type { AuditEvent } from '../audit/audit-event.ts'

/** What a person has agreed that a client may have, and goes for every request until somebody takes it back. */
export interface Consent {
  userId: string
  email: string
  scopes: string[]
  /** When the person last agreed to something. */
  grantedAt: Date
}

interface ConsentClient {
  id: string
  organisationId: string
}

export interface ConsentRepository {
  /**
   * The consents to a client that stand, the newest first, and how many there are: no more than `MOST_COUNTED` are counted,
   * and `moreThanTotal` says whether there may be more.
   */
  listForClient(
    client: ConsentClient,
    page: { limit: number; offset: number },
  ): Promise<{ consents: Consent[]; total: number; moreThanTotal: boolean }>
  /** Takes back the consent of one person, ends what they had granted the client, and records the event. False: there is none. */
  revoke(client: ConsentClient, userId: string, now: Date, event: AuditEvent): Promise<boolean>
  /** The same for all who have agreed until `now`, in steps: each is whole by itself. */
  revokeAll(client: ConsentClient, now: Date, event: AuditEvent): Promise<void>
}
