// `model/audit` holds the type of an audit event and the contract of its recorder.
// `audit-event-types.ts` lists every type; `audit` creates events.
// Audit events are never updated, and are deleted after the retention period.

/**
 * A record of who did what, and from where. Repositories store it in the same statement or transaction as the act. `type`
 * is one of `audit-event-types.ts`.
 */
export interface AuditEvent {
  id: string
  occurredAt: Date
  type: string
  category: 'auth' | 'user' | 'client' | 'permission' | 'system'
  action: 'create' | 'read' | 'update' | 'delete' | 'login' | 'logout'
  success: boolean
  organisationId: string | undefined
  /** The user who acted, if a user did. */
  userId: string | undefined
  /** The client concerned, by its row id. */
  clientId: string | undefined
  resource: { type: string; id: string } | undefined
  requestMetadata: RequestMetadata
  /** Never a secret, a token or a code. */
  metadata: Readonly<Record<string, unknown>>
  /** The fields that the act changed; undefined where it changed none. */
  changes: readonly AuditChange[] | undefined
}

/** The change of one field, in JSON, with secrets masked. A new object has no `from`, a deleted one no `to`. */
export interface AuditChange {
  field: string
  from?: unknown
  to?: unknown
}

/** Where a request came from. */
export interface RequestMetadata {
  ipAddress: string
  userAgent: string | undefined
  requestId: string
}

/** An event about a client, as the management API returns it. */
export interface ClientAuditEvent {
  id: string
  occurredAt: Date
  type: string
  action: string
  success: boolean
  userId: string | null
  /** E-mail address of the user who acted, if the user still exists. */
  email: string | null
  ipAddress: string | null
  userAgent: string | null
  requestId: string | null
  metadata: Record<string, unknown>
  changes: AuditChange[] | null
}

export interface ClientAuditEventReader {
  /** A page of the events about a client, newest first, and the number of all. */
  list(
    client: { id: string; organisationId: string },
    page: { limit: number; offset: number },
  ): Promise<{ events: ClientAuditEvent[]; total: number }>
}
