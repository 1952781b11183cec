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
