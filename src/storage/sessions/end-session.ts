import type pg from 'pg'
import type { EndedSession, SessionRepository } from '../../model/sessions/session.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

// The clients with this session are those that were granted `openid` in it, even if the grant was revoked since.
const END = `
WITH ended_session AS (
  UPDATE sessions SET ended_at = $4::timestamptz
  WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid AND ended_at IS NULL RETURNING id
), audited AS (
  INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(5)} FROM ended_session
), clients_with_session AS (
  SELECT DISTINCT g.client_id FROM ended_session e JOIN grants g ON g.session_id = e.id
  WHERE g.organisation_id = $3::uuid AND 'openid' = ANY (g.scopes)
), notified_clients AS (
  SELECT c.id, c.frontchannel_logout_uri AS uri, c.frontchannel_logout_session_required AS session_required,
    c.backchannel_logout_uri IS NOT NULL AS has_backchannel
  FROM clients_with_session k JOIN clients c ON c.id = k.client_id
  WHERE c.organisation_id = $3::uuid AND c.is_active AND c.deleted_at IS NULL
), queued_logouts AS (
  INSERT INTO backchannel_logout_queue (session_id, client_id, organisation_id, user_id, next_attempt_at, created_at)
  SELECT $1::uuid, id, $3::uuid, $2::uuid, $4::timestamptz, $4::timestamptz FROM notified_clients WHERE has_backchannel
  RETURNING client_id
)
SELECT (SELECT coalesce(json_agg(json_build_object('uri', uri, 'sessionRequired', session_required) ORDER BY uri), '[]')
        FROM notified_clients WHERE uri IS NOT NULL) AS "frontChannelLogoutUris",
  (SELECT count(*)::int FROM queued_logouts) AS "queuedBackchannelLogouts"
FROM ended_session`

type EndedSessionRow = EndedSession & pg.QueryResultRow

/** Ends sessions. One statement, so the end, its event and the queued notifications are stored together or not at all. */
export function createEndSession(pool: pg.Pool): SessionRepository['end'] {
  const queryEnd = prepare<EndedSessionRow>(pool, 'end-session', END)
  return async ({ id, userId, organisationId }, now, event) => {
    const [row] = await queryEnd([id, userId, organisationId, now, ...auditEventValues(event)])
    return row
  }
}
