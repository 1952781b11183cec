import type pg from 'pg'
import type { BackchannelLogout, BackchannelLogoutQueue } from '../../model/sessions/backchannel-logout.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

const LEASE = `
WITH due AS (
  SELECT session_id, client_id FROM backchannel_logout_queue WHERE next_attempt_at <= $1::timestamptz
  ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE backchannel_logout_queue n SET attempts = n.attempts + 1,
  next_attempt_at = $1::timestamptz + make_interval(secs => ($3::int[])[least(n.attempts + 1, cardinality($3::int[]))])
FROM due d LEFT JOIN clients c ON c.id = d.client_id
WHERE n.session_id = d.session_id AND n.client_id = d.client_id
RETURNING n.session_id, n.organisation_id, n.user_id, n.client_id AS client_row_id, n.attempts, c.client_id,
  c.organisation_id = n.organisation_id AND c.deleted_at IS NULL AS client_exists`

const COMPLETE = `
DELETE FROM backchannel_logout_queue
WHERE session_id = $1::uuid AND client_id = $2::uuid AND organisation_id = $3::uuid AND attempts = $4 RETURNING session_id`

const ABANDON = `
WITH deleted AS (${COMPLETE})
INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(5)} FROM deleted`

interface LeasedRow {
  session_id: string
  organisation_id: string
  user_id: string
  client_row_id: string
  attempts: number
  client_id: string | null
  client_exists: boolean | null
}

const toKeyParameters = ({ sessionId, clientRowId, organisationId, attempt }: BackchannelLogout) => [
  sessionId,
  clientRowId,
  organisationId,
  attempt,
]

export function createBackchannelLogoutQueue(pool: pg.Pool): BackchannelLogoutQueue {
  const queryLease = prepare<LeasedRow>(pool, 'lease-backchannel-logouts', LEASE)
  const queryComplete = prepare(pool, 'complete-backchannel-logout', COMPLETE)
  const queryAbandon = prepare(pool, 'abandon-backchannel-logout', ABANDON)
  return {
    async lease(retryDelaysSeconds, limit, now) {
      const rows = await queryLease([now, limit, [...retryDelaysSeconds]])
      return rows.map((row) => ({
        sessionId: row.session_id,
        organisationId: row.organisation_id,
        userId: row.user_id,
        clientRowId: row.client_row_id,
        clientId: row.client_exists === true ? (row.client_id ?? undefined) : undefined,
        attempt: row.attempts,
      }))
    },
    async complete(logout) {
      await queryComplete(toKeyParameters(logout))
    },
    async abandon(logout, event) {
      await queryAbandon([...toKeyParameters(logout), ...auditEventValues(event)])
    },
  }
}
