// `audit` creates audit events from the types in `model/audit/audit-event-types.ts`.
// Repositories store an event in the same statement or transaction as the act that it describes.
// Reading events back belongs to the rooms that show them.

import type { Clock } from '../lib/time/clock.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import type { AuditChange, RequestMetadata, AuditEvent } from '../model/audit/audit-event.ts'
import { auditEventTypes, isSuccess, type AuditEventType } from '../model/audit/audit-event-types.ts'

export type { AuditEventType }

export interface AuditEventFacts {
  organisationId: string | undefined
  requestMetadata: RequestMetadata
  userId?: string | undefined
  clientId?: string | undefined
  resource?: { type: string; id: string }
  metadata?: Readonly<Record<string, unknown>>
  changes?: readonly AuditChange[] | undefined
}

/** Creates an event of this type that occurs now. */
export function createAuditEvent(clock: Clock, type: AuditEventType, facts: AuditEventFacts): AuditEvent {
  const occurredAt = clock.now()
  return {
    id: uuidv7(occurredAt),
    occurredAt,
    type,
    ...auditEventTypes[type],
    success: isSuccess(type),
    organisationId: facts.organisationId,
    userId: facts.userId,
    clientId: facts.clientId,
    resource: facts.resource,
    requestMetadata: facts.requestMetadata,
    metadata: facts.metadata ?? {},
    changes: facts.changes && facts.changes.length > 0 ? facts.changes : undefined,
  }
}

/** The request metadata of events that the server causes by itself. */
export const internalRequestMetadata: RequestMetadata = { ipAddress: '', userAgent: undefined, requestId: '' }
