import type { ClientBase } from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import { MAIL_RETENTION_SECONDS, type OutgoingMail } from '../../model/mail/outgoing-mail.ts'

const INSERT = `INSERT INTO outgoing_mails
  (id, organisation_id, user_id, template, language, recipient, parameters, usable_until, next_attempt_at, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`

/** Queues a mail in the transaction of this connection. */
export async function insertMail(connection: ClientBase, mail: OutgoingMail): Promise<void> {
  await connection.query(INSERT, [
    mail.id,
    mail.organisationId,
    mail.userId ?? null,
    mail.template,
    mail.language,
    mail.recipient,
    mail.parameters,
    mail.usableUntil,
    mail.createdAt,
    addSeconds(mail.createdAt, MAIL_RETENTION_SECONDS),
  ])
}
