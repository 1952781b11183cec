import type { ClientBase, Pool } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { OutgoingMail } from '../../model/mail/outgoing-mail.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { auditEventColumnCount, auditEventColumns, auditEventParameters, auditEventValues } from './audit-event-row.ts'

/** The statement that stores an event without changes, with the values of `auditEventValues`. */
export const RECORD_EVENT = `INSERT INTO audit_events (${auditEventColumns}) VALUES (${auditEventParameters(1)})`

const RECORD_CHANGES = `INSERT INTO audit_events (${auditEventColumns}, changes)
VALUES (${auditEventParameters(1)}, $${auditEventColumnCount + 1}::jsonb)`

/** Stores an event with its changes in the transaction of this connection. */
export async function recordAuditEvent(connection: ClientBase, event: AuditEvent): Promise<void> {
  await connection.query(RECORD_CHANGES, [...auditEventValues(event), event.changes && JSON.stringify(event.changes)])
}

/** Runs a statement, and stores events and mails in the same transaction if it wrote a row. Returns whether it did. */
export function writeWithEvents(
  pool: Pool,
  text: string,
  values: readonly unknown[],
  events: readonly AuditEvent[],
  mails: readonly OutgoingMail[] = [],
): Promise<boolean> {
  return inTransaction(pool, async (connection) => {
    const { rowCount } = await connection.query(text, [...values])
    if (rowCount === 0) return false
    for (const event of events) await recordAuditEvent(connection, event)
    for (const mail of mails) await insertMail(connection, mail)
    return true
  })
}
