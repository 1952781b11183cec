import type { ClientBase } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from './audit-event-row.ts'

/** The statement that stores an event with the values of `auditEventValues`. */
export const RECORD_EVENT = `INSERT INTO audit_events (${auditEventColumns}) VALUES (${auditEventParameters(1)})`

/** Stores an event in the transaction of this connection. */
export async function recordAuditEvent(connection: ClientBase, event: AuditEvent): Promise<void> {
  await connection.query(RECORD_EVENT, auditEventValues(event))
}
