import type { LaneLimits } from '../../lib/concurrency/leased-work.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** A back-channel logout notification that is due. */
export interface BackchannelLogout {
  sessionId: string
  organisationId: string
  userId: string
  /** The client's row. */
  clientRowId: string
  /** Its `client_id`; undefined if the client does not exist any more. */
  clientId: string | undefined
  /** Host and port of the client's logout URL; empty if it has none. */
  host: string
  /** Counted from 1. */
  attempt: number
}

/** The queue of undelivered notifications. The statement that ends a session adds to it. */
export interface BackchannelLogoutQueue {
  /**
   * Leases due notifications, lanes being hosts: new ones before retries, then by turns over hosts and users. Each becomes due again after
   * the delay of its attempt in `retryDelaysSeconds` (the last one for all further attempts), so no other process leases
   * it meanwhile.
   */
  lease(retryDelaysSeconds: readonly number[], limits: LaneLimits, now: Date): Promise<BackchannelLogout[]>
  /** Removes a delivered or undeliverable one. Has no effect after a later attempt has begun. */
  complete(logout: BackchannelLogout): Promise<void>
  /** The same after the last attempt; records the event. */
  abandon(logout: BackchannelLogout, event: AuditEvent): Promise<void>
}
