// `storage/audit` writes and reads audit events.
// Statements that change something insert their audit event in the same statement or transaction.
// Which types of events exist is listed in `audit/catalogue.ts`.

import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { Prisma } from '../generated/client.ts'

/** The columns of an event, in the order of `auditColumns`. */
export function auditEventValues(event: AuditEvent): unknown[] {
  return [
    event.id,
    event.organisationId ?? null,
    event.occurredAt,
    event.type,
    event.category,
    event.action,
    event.success,
    event.userId ?? null,
    event.clientId ?? null,
    event.resource?.type ?? null,
    event.resource?.id ?? null,
    event.requestMetadata.ipAddress,
    event.requestMetadata.userAgent ?? null,
    event.requestMetadata.requestId,
    JSON.stringify(event.metadata),
  ]
}

export const auditEventColumns = `id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, ip_address, user_agent, request_id, metadata`

const columnTypes = [
  'uuid',
  'uuid',
  'timestamptz',
  'text',
  'text',
  'text',
  'bool',
  'uuid',
  'uuid',
  ...Array<string>(5).fill('text'),
  'jsonb',
]

/** Parameters `$first…` cast to the types of `auditColumns`. */
export function auditEventParameters(first: number): string {
  return columnTypes.map((type, index) => `$${first + index}::${type}`).join(', ')
}

/** The same for many events: one array a column, as `unnest` wants them, and as `auditArrays` gives them. */
export function auditEventArrayParameters(first: number): string {
  return columnTypes.map((type, index) => `$${first + index}::${type}[]`).join(', ')
}

/** The names under which a statement that unnests events knows their columns. */
export const auditEventInputColumns = `event_id, event_organisation_id, occurred_at, type, category, action, success, event_user_id,
    event_client_id, resource_type, resource_id, ip_address, user_agent, request_id, metadata`

/** The values of `auditColumns` for many events, by column. */
export function auditEventArrays(events: readonly AuditEvent[]): unknown[][] {
  const rows = events.map(auditEventValues)
  return columnTypes.map((_type, index) => rows.map((row) => row[index]))
}

/** The row that Prisma stores for an event. */
export function toAuditEventRow(event: AuditEvent): Prisma.AuditEventCreateInput {
  return {
    id: event.id,
    organisationId: event.organisationId ?? null,
    occurredAt: event.occurredAt,
    type: event.type,
    category: event.category,
    action: event.action,
    success: event.success,
    userId: event.userId ?? null,
    clientId: event.clientId ?? null,
    resourceType: event.resource?.type ?? null,
    resourceId: event.resource?.id ?? null,
    ipAddress: event.requestMetadata.ipAddress,
    userAgent: event.requestMetadata.userAgent ?? null,
    requestId: event.requestMetadata.requestId,
    metadata: event.metadata as Prisma.InputJsonObject,
  }
}
