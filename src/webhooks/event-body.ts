// `webhooks` owns the endpoints of an organisation and what is sent to them: body, signatures, attempts.
// Queueing deliveries belongs to the statement that stores an audit event (`storage/webhooks`).
// Connections to other servers belong to `safe-fetch`.

import { actorsOf, type AuditActor } from '../audit/actors.ts'
import type { AuditChange } from '../model/audit/audit-event.ts'
import type { PublishedEvent } from '../model/webhooks/webhook.ts'

/** An event as webhooks send it and the feed returns it. Times are ISO 8601. */
export interface EventBody {
  /** `evt_` and the id of the audit event. The same in each attempt, and for each endpoint. */
  id: string
  type: string
  /** The same as `type`. */
  event: string
  createdAt: string
  /** The same as `createdAt`. */
  timestamp: string
  organisationId: string
  data: {
    success: boolean
    actor: AuditActor
    onBehalfOf: AuditActor | null
    resource: { type: string; id: string } | null
    /** The user who acted, or signed in. */
    userId: string | null
    /** The `client_id` of the client concerned. */
    clientId: string | null
    /** Secrets are masked. */
    changes: AuditChange[]
    metadata: Record<string, unknown>
    request: { id: string | null; ipAddress: string | null; userAgent: string | null }
    auditEventType: string
  }
}

/** The body of an event under one of its names. It is made of the audit event alone, so that it does not change later. */
export function eventBody(published: PublishedEvent, event: string): EventBody {
  const { id, organisationId, type, success, userId, clientIdentifier, resourceType, resourceId } = published
  const createdAt = published.occurredAt.toISOString()
  return {
    id: eventId(id),
    type: event,
    event,
    createdAt,
    timestamp: createdAt,
    organisationId,
    data: {
      success,
      ...actorsOf(published, clientIdentifier),
      resource: resourceType === null || resourceId === null ? null : { type: resourceType, id: resourceId },
      userId,
      clientId: clientIdentifier,
      changes: [...(published.changes ?? [])],
      metadata: published.metadata,
      request: {
        id: published.requestId || null,
        ipAddress: published.ipAddress || null,
        userAgent: published.userAgent,
      },
      auditEventType: type,
    },
  }
}

/** The id of an event, of which receivers may see several deliveries. */
export const eventId = (auditEventId: string) => `evt_${auditEventId}`
