/**
 * Something that an operator may later need to know: who did what, from where. Repositories store it in the transaction
 * of the act itself. The names of types are catalogued in `events/`.
 */
export interface SecurityEvent {
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
  origin: EventOrigin
  /** Never a secret, a token or a code. */
  metadata: Readonly<Record<string, unknown>>
}

/** Where a request came from. */
export interface EventOrigin {
  ipAddress: string
  userAgent: string | undefined
  requestId: string
}

/** An event about a client, as it is read again. */
export interface ClientEvent {
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

export interface ClientEventReader {
  /** What was done to a client, the newest first, and how much that is. */
  list(
    client: { id: string; organisationId: string },
    page: { limit: number; offset: number },
  ): Promise<{ events: ClientEvent[]; total: number }>
}
