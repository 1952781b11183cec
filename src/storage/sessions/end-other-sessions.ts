import type { Pool, PoolClient } from 'pg'
import type { OtherSessionsEnd, SessionReference, SessionRepository } from '../../model/sessions/session.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { inTransaction } from '../db/transaction.ts'

// Expired sessions end as well: grants that were made in them are active until the session ends. Clients with a session
// are those that were granted `openid` in it, as where one session is ended.
const END_OTHER_SESSIONS = `
WITH ended AS (
  UPDATE sessions SET ended_at = $4::timestamptz
  WHERE id <> $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid AND ended_at IS NULL RETURNING id
), queued AS (
  INSERT INTO backchannel_logout_queue (session_id, client_id, organisation_id, user_id, next_attempt_at, created_at)
  SELECT DISTINCT e.id, c.id, $3::uuid, $2::uuid, $4::timestamptz, $4::timestamptz
  FROM ended e JOIN grants g ON g.session_id = e.id AND g.organisation_id = $3::uuid
  JOIN clients c ON c.id = g.client_id AND c.organisation_id = $3::uuid
  WHERE 'openid' = ANY (g.scopes) AND c.backchannel_logout_uri IS NOT NULL AND c.is_active AND c.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING client_id
)
SELECT (SELECT count(*)::int FROM ended) AS sessions, (SELECT count(*)::int FROM queued) AS "queuedBackchannelLogouts"`

// Those for offline access included, and those of sessions that ended before.
const REVOKE_GRANTS_OF_OTHER_SESSIONS = `
UPDATE grants g SET revoked_at = $4::timestamptz, revoked_reason = 'password_changed'
FROM sessions s
WHERE s.id <> $1::uuid AND s.user_id = $2::uuid AND s.organisation_id = $3::uuid
  AND g.session_id = s.id AND g.organisation_id = $3::uuid AND g.revoked_at IS NULL`

const REPLACE_PASSWORD = `UPDATE users SET password_hash = $4
WHERE id = $1 AND organisation_id = $2 AND password_hash = $3 AND blocked_at IS NULL AND deleted_at IS NULL`

const RECORD_EVENT = `INSERT INTO audit_events (${auditEventColumns}) VALUES (${auditEventParameters(1)})`

/** Ends the sessions of a user except one, by themselves or with a change of the password. */
export function createOtherSessionsEnd(pool: Pool): Pick<SessionRepository, 'endOthers' | 'changePassword'> {
  return {
    endOthers: (session, event) =>
      inTransaction(pool, async (connection) => {
        const ended = await endOtherSessions(connection, session, event.occurredAt)
        if (ended.sessions > 0) await connection.query(RECORD_EVENT, auditEventValues(event))
        return ended
      }),

    changePassword: (session, { previous, next }, event) =>
      inTransaction(pool, async (connection) => {
        const { id, userId, organisationId } = session
        const replaced = await connection.query(REPLACE_PASSWORD, [userId, organisationId, previous, next])
        if (replaced.rowCount === 0) return undefined
        await connection.query(REVOKE_GRANTS_OF_OTHER_SESSIONS, [id, userId, organisationId, event.occurredAt])
        const ended = await endOtherSessions(connection, session, event.occurredAt)
        await connection.query(RECORD_EVENT, auditEventValues(event))
        return ended
      }),
  }
}

async function endOtherSessions(
  connection: PoolClient,
  { id, userId, organisationId }: SessionReference,
  now: Date,
): Promise<OtherSessionsEnd> {
  const { rows } = await connection.query<OtherSessionsEnd>(END_OTHER_SESSIONS, [id, userId, organisationId, now])
  return rows[0] ?? { sessions: 0, queuedBackchannelLogouts: 0 }
}
