// `storage/audit` writes and reads audit events.
// Statements that change something insert their audit event in the same statement or transaction.
// `model/audit/audit-event-types.ts` lists every type, for statements that create events in SQL as well.

import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { auditEventTypes, isSuccess, type AuditEventType } from '../../model/audit/audit-event-types.ts'
import type { Prisma } from '../generated/client.ts'

/** The values of an event, in the order of `auditEventColumns`. */
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

/** The number of `auditEventColumns`. Statements that store changes as well are in `record-audit-event.ts`. */
export const auditEventColumnCount = columnTypes.length

/** Parameters `$first…` cast to the types of `auditEventColumns`. */
export function auditEventParameters(first: number): string {
  return columnTypes.map((type, index) => `$${first + index}::${type}`).join(', ')
}

/** The same for many events: one array per column, for `unnest` and `auditEventArrays`. */
export function auditEventArrayParameters(first: number): string {
  return columnTypes.map((type, index) => `$${first + index}::${type}[]`).join(', ')
}

/** The names of the columns in a statement that unnests events. */
export const auditEventInputColumns = `event_id, event_organisation_id, occurred_at, type, category, action, success, event_user_id,
    event_client_id, resource_type, resource_id, ip_address, user_agent, request_id, metadata`

/** The values of `auditEventColumns` for many events, by column. */
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
    ...(event.changes && { changes: event.changes as unknown as Prisma.InputJsonArray }),
  }
}

/** The SQL literals of the columns type, category, action and success, for a statement that inserts events of this type. */
export function auditEventTypeColumns(type: AuditEventType): string {
  const { category, action } = auditEventTypes[type]
  return `${auditEventType(type)}, '${category}', '${action}', ${isSuccess(type)}`
}

/** The name of a type as an SQL literal. */
export function auditEventType(type: AuditEventType): string {
  return `'${type}'`
}

/** An SQL expression for the action of the type that `column` holds, which is one of `types`. */
export function auditEventActionOf(column: string, types: readonly AuditEventType[]): string {
  const cases = types.map((type) => `WHEN ${auditEventType(type)} THEN '${auditEventTypes[type].action}'`)
  return `CASE ${column} ${cases.join(' ')} END`
}

/** The stored values of event `e`, as `HashedEvent` names them. */
export const storedEventColumns = `e.id, e.organisation_id AS "organisationId", e.occurred_at AS "occurredAt", e.type, e.category,
  e.action, e.success, e.user_id AS "userId", e.client_id AS "clientId", e.resource_type AS "resourceType",
  e.resource_id AS "resourceId", e.ip_address AS "ipAddress", e.user_agent AS "userAgent", e.request_id AS "requestId",
  e.metadata, e.changes`
