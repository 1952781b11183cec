import { toCell } from '../../lib/text/csv-cell.ts'
import type { representAuditLog } from './audit-log-representation.ts'

type AuditLog = ReturnType<typeof representAuditLog>

const columns: readonly (readonly [name: string, value: (event: AuditLog) => string | boolean | null | undefined])[] = [
  ['id', ({ id }) => id],
  ['occurredAt', ({ occurredAt }) => occurredAt],
  ['type', ({ type }) => type],
  ['category', ({ category }) => category],
  ['action', ({ action }) => action],
  ['success', ({ success }) => success],
  ['actorType', ({ actor }) => actor.type],
  ['actorId', ({ actor }) => actor.id],
  ['actorEmail', ({ actor }) => actor.email],
  ['onBehalfOfId', ({ onBehalfOf }) => onBehalfOf?.id],
  ['onBehalfOfEmail', ({ onBehalfOf }) => onBehalfOf?.email],
  ['clientId', ({ clientId }) => clientId],
  ['clientName', ({ client }) => client?.name],
  ['resourceType', ({ resourceType }) => resourceType],
  ['resourceId', ({ resourceId }) => resourceId],
  ['ipAddress', ({ ipAddress }) => ipAddress],
  ['userAgent', ({ userAgent }) => userAgent],
  ['requestId', ({ requestId }) => requestId],
  ['errorMessage', ({ errorMessage }) => errorMessage],
  ['changes', ({ changes }) => (changes.length === 0 ? undefined : JSON.stringify(changes))],
  ['metadata', ({ metadata }) => JSON.stringify(metadata)],
]

/** The first line (RFC 4180 §2). */
export const csvHeader = `${columns.map(([name]) => name).join(',')}\r\n`

/** The line of an event. */
export function toCsvLine(event: AuditLog): string {
  return `${columns.map(([, value]) => toCell(value(event))).join(',')}\r\n`
}
