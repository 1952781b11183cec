import type { Pool, PoolClient } from 'pg'
import type { OtherSessionsEnd, SessionReference, SessionRepository } from '../../model/sessions/session.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { storeCode } from '../recovery/one-time-codes.ts'
import { endUserSessions } from './end-user-sessions.ts'

// Expired sessions end as well: grants that were made in them are active until the session ends.
const END_OTHER_SESSIONS = endUserSessions('id <> $4::uuid')

// Those for offline access included, and those of sessions that ended before.
const REVOKE_GRANTS_OF_OTHER_SESSIONS = `
UPDATE grants g SET revoked_at = $4::timestamptz, revoked_reason = 'password_changed'
FROM sessions s
WHERE s.id <> $1::uuid AND s.user_id = $2::uuid AND s.organisation_id = $3::uuid
  AND g.session_id = s.id AND g.organisation_id = $3::uuid AND g.revoked_at IS NULL`

const REPLACE_PASSWORD = `UPDATE users SET password_hash = $4
WHERE id = $1 AND organisation_id = $2 AND password_hash = $3 AND blocked_at IS NULL AND deleted_at IS NULL`

/** Ends the sessions of a user except one, by themselves or with a change of the password. */
export function createOtherSessionsEnd(pool: Pool): Pick<SessionRepository, 'endOthers' | 'changePassword'> {
  return {
    endOthers: (session, event) =>
      inTransaction(pool, async (connection) => {
        const ended = await endOtherSessions(connection, session, event.occurredAt)
        if (ended.sessions > 0) await recordAuditEvent(connection, event)
        return ended
      }),

    changePassword: (session, { previous, next }, event, notice) =>
      inTransaction(pool, async (connection) => {
        const { id, userId, organisationId } = session
        const replaced = await connection.query(REPLACE_PASSWORD, [userId, organisationId, previous, next])
        if (replaced.rowCount === 0) return undefined
        await connection.query(REVOKE_GRANTS_OF_OTHER_SESSIONS, [id, userId, organisationId, event.occurredAt])
        const ended = await endOtherSessions(connection, session, event.occurredAt)
        await recordAuditEvent(connection, event)
        if (notice) {
          await storeCode(connection, notice.code)
          await insertMail(connection, notice.mail)
        }
        return ended
      }),
  }
}

async function endOtherSessions(
  connection: PoolClient,
  { id, userId, organisationId }: SessionReference,
  now: Date,
): Promise<OtherSessionsEnd> {
  const { rows } = await connection.query<OtherSessionsEnd>(END_OTHER_SESSIONS, [userId, organisationId, now, id])
  return rows[0] ?? { sessions: 0, queuedBackchannelLogouts: 0 }
}
