// `storage/mail` stores the queue of mails. Statements that cause a mail insert it in their own transaction.

import type { Pool } from 'pg'
import type { LeasedMail, MailRecord, OutgoingMailRepository } from '../../model/mail/outgoing-mail.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertMail } from './insert-mail.ts'

const STATUS = `CASE WHEN m.sent_at IS NOT NULL THEN 'sent' WHEN m.failed_at IS NOT NULL THEN 'failed' ELSE 'queued' END`
const COLUMNS = `m.id, m.organisation_id AS "organisationId", m.user_id AS "userId", m.template, m.language, m.recipient,
  ${STATUS} AS status, m.attempts, m.next_attempt_at AS "nextAttemptAt", m.error, m.sent_at AS "sentAt",
  m.created_at AS "createdAt"`
const FOUND = `FROM outgoing_mails m WHERE m.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(m.recipient)) > 0)
  AND ($3::text IS NULL OR $3 = ${STATUS})
  AND ($4::text IS NULL OR $4 = m.template)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY m.created_at DESC, m.id DESC LIMIT $5 OFFSET $6`
const FIND = `SELECT ${COLUMNS} FROM outgoing_mails m WHERE m.id = $1::uuid AND m.organisation_id = $2::uuid`

const LEASE = `
WITH due AS (
  SELECT id FROM outgoing_mails WHERE next_attempt_at <= $1::timestamptz ORDER BY next_attempt_at LIMIT $2
  FOR UPDATE SKIP LOCKED
)
UPDATE outgoing_mails m SET attempts = m.attempts + 1,
  next_attempt_at = $1::timestamptz + make_interval(secs => ($3::int[])[least(m.attempts + 1, cardinality($3::int[]))])
FROM due WHERE m.id = due.id
RETURNING m.id, m.organisation_id AS "organisationId", m.template, m.language, m.recipient, m.parameters,
  m.usable_until AS "usableUntil", m.created_at AS "createdAt", m.attempts AS attempt`
const COMPLETE = `UPDATE outgoing_mails SET sent_at = $4::timestamptz, next_attempt_at = NULL, parameters = NULL, error = NULL
WHERE id = $1::uuid AND organisation_id = $2::uuid AND attempts = $3 AND sent_at IS NULL`
const FAIL = `UPDATE outgoing_mails SET error = $5, failed_at = CASE WHEN $6 THEN $4::timestamptz END,
  next_attempt_at = CASE WHEN $6 THEN NULL ELSE next_attempt_at END
WHERE id = $1::uuid AND organisation_id = $2::uuid AND attempts = $3 AND sent_at IS NULL`
const REQUEUE = `UPDATE outgoing_mails SET attempts = 0, next_attempt_at = $3::timestamptz, failed_at = NULL
WHERE id = $1::uuid AND organisation_id = $2::uuid AND sent_at IS NULL AND parameters IS NOT NULL
  AND usable_until > $3::timestamptz`
const COUNT_QUEUED = 'SELECT count(*)::int AS total FROM outgoing_mails WHERE next_attempt_at IS NOT NULL'

export function createOutgoingMailRepository(pool: Pool): OutgoingMailRepository {
  const total = async (text: string, parameters: unknown[] = []) =>
    (await pool.query<{ total: number }>(text, parameters)).rows[0]?.total ?? 0
  return {
    async list({ organisationId, search, status, template, limit, offset }) {
      const which = [organisationId, search, status, template]
      const { rows } = await pool.query<MailRecord>(LIST, [...which, limit, offset])
      return { mails: rows, total: await total(COUNT, which) }
    },

    async find({ id, organisationId }) {
      return (await pool.query<MailRecord>(FIND, [id, organisationId])).rows[0]
    },

    queue: (mail, event) =>
      inTransaction(pool, async (connection) => {
        await insertMail(connection, mail)
        await recordAuditEvent(connection, event)
      }),

    requeue: ({ id, organisationId }, event) =>
      writeWithEvents(pool, REQUEUE, [id, organisationId, event.occurredAt], [event]),

    async lease(retryDelaysSeconds, limit, now) {
      return (await pool.query<LeasedMail>(LEASE, [now, limit, [...retryDelaysSeconds]])).rows
    },

    async complete({ id, organisationId, attempt }, now) {
      await pool.query(COMPLETE, [id, organisationId, attempt, now])
    },

    async fail({ id, organisationId, attempt }, { error, isFinal }, now) {
      await pool.query(FAIL, [id, organisationId, attempt, now, error, isFinal])
    },

    countQueued: () => total(COUNT_QUEUED),
  }
}
