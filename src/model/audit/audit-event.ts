// `model/audit` holds the type of an audit event and the contract of its recorder.
// Which types of events exist is listed in `audit/catalogue.ts`.
// Audit events are never updated, and are deleted after the retention period.

/**
 * Something that an operator may later need to know: who did what, from where. Repositories store it in the transaction
 * of the act itself. The names of types are catalogued in `events/`.
 */
export interface AuditEvent {
  id: string
  occurredAt: Date
  type: string
  category: 'auth' | 'user' | 'client' | 'permission' | 'system'
  action: 'create' | 'read' | 'update' | 'delete' | 'login' | 'logout'
  success: boolean
  organisationId: string | undefined
  /** Who acted, where a person did. */
  userId: string | undefined
  /** The client concerned, by its row id. */
  clientId: string | undefined
  resource: { type: string; id: string } | undefined
  requestMetadata: RequestMetadata
  /** Never a secret, a token or a code. */
  metadata: Readonly<Record<string, unknown>>
}

/** Where a request came from. */
export interface RequestMetadata {
  ipAddress: string
  userAgent: string | undefined
  requestId: string
}

/** An event about a client, as it is read again. */
export interface ClientAuditEvent {
  id: string
  occurredAt: Date
  type: string
  action: string
  success: boolean
  userId: string | null
  /** Of the person who acted, where they still exist. */
  email: string | null
  ipAddress: string | null
  userAgent: string | null
  requestId: string | null
  metadata: Record<string, unknown>
}

export interface ClientAuditEventReader {
  /** What was done to a client, the newest first, and how much that is. */
  list(
    client: { id: string; organisationId: string },
    page: { limit: number; offset: number },
  ): Promise<{ events: ClientAuditEvent[]; total: number }>
}
