import type { HashedEvent } from './event-hash.ts'

/** An audit event with the names of those that it refers to, as far as they still exist. */
export interface AuditLogEntry extends HashedEvent {
  user: { id: string; email: string; name: string | null } | null
  client: { id: string; clientId: string; name: string } | null
}

/** A place in the log, which is ordered by time and id. */
export type AuditLogPosition = Pick<AuditLogEntry, 'id' | 'occurredAt'>

/** Which events of an organisation are meant. Undefined members match every event. */
export interface AuditLogFilter {
  organisationId: string
  /** Includes the instant. */
  from?: Date | undefined
  /** Excludes the instant. */
  to?: Date | undefined
  types?: readonly string[] | undefined
  userId?: string | undefined
  /** The row id or the `client_id` of a client. */
  clientId?: string | undefined
  resourceType?: string | undefined
  resourceId?: string | undefined
  /** The e-mail address or id of a user, the id of a client, of a resource or of an event, as a whole. */
  search?: string | undefined
}

export interface AuditLogPage {
  limit: number
  offset: number
  descending: boolean
  /** Where the previous page ended. Replaces the offset. */
  after?: AuditLogPosition | undefined
}

/** At most this many events are counted. */
export const MAX_COUNTED_EVENTS = 10_000

export interface AuditLogReader {
  /** One page. `end` is the position of its last event; undefined if no event follows. */
  read(
    filter: AuditLogFilter,
    page: AuditLogPage,
  ): Promise<{ entries: AuditLogEntry[]; end: AuditLogPosition | undefined }>
  /** The number of events, at most `MAX_COUNTED_EVENTS + 1`. */
  count(filter: AuditLogFilter): Promise<number>
  find(event: Pick<AuditLogEntry, 'id' | 'organisationId'>): Promise<AuditLogEntry | undefined>
}
