import type { AuditEvent } from '../audit/audit-event.ts'

/** A client that is to be told of the end of a session by the back channel, and may be told now. */
export interface BackchannelLogout {
  sessionId: string
  organisationId: string
  userId: string
  /** The client's row. */
  clientRowId: string
  /** Its `client_id`; undefined where there is no such client any more. */
  clientId: string | undefined
  /** Counted from 1. */
  attempt: number
}

/** The notifications that are still to be delivered; the statement that ends a session adds them. */
export interface BackchannelLogoutQueue {
  /**
   * Takes up to `limit` that are due. Each is due again so many seconds later as `patience` has for its attempt (the last
   * of these for all further ones), so it is nobody else's for as long, and is tried again should this process end.
   */
  lease(retryDelaysSeconds: readonly number[], limit: number, now: Date): Promise<BackchannelLogout[]>
  /** Delivered, or nothing that could be. Does nothing where another attempt was begun since. */
  complete(logout: BackchannelLogout): Promise<void>
  /** Given up, which leaves an event. Likewise. */
  abandon(logout: BackchannelLogout, event: AuditEvent): Promise<void>
}
