import type pg from 'pg'
import type { BackchannelLogout, BackchannelLogoutQueue } from '../../model/sessions/backchannel-logout.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

const LEASE = `
WITH due AS (
  SELECT session_id, client_id FROM logout_notifications WHERE due_at <= $1::timestamptz
  ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE logout_notifications n SET attempts = n.attempts + 1,
  due_at = $1::timestamptz + make_interval(secs => ($3::int[])[least(n.attempts + 1, cardinality($3::int[]))])
FROM due d LEFT JOIN clients c ON c.id = d.client_id
WHERE n.session_id = d.session_id AND n.client_id = d.client_id
RETURNING n.session_id, n.organisation_id, n.user_id, n.client_id AS client_row_id, n.attempts, c.client_id,
  c.organisation_id = n.organisation_id AND c.deleted_at IS NULL AS client_lives`

const COMPLETE = `
DELETE FROM logout_notifications
WHERE session_id = $1::uuid AND client_id = $2::uuid AND organisation_id = $3::uuid AND attempts = $4 RETURNING session_id`

const ABANDON = `
WITH gone AS (${COMPLETE})
INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(5)} FROM gone`

interface LeasedRow {
  session_id: string
  organisation_id: string
  user_id: string
  client_row_id: string
  attempts: number
  client_id: string | null
  client_lives: boolean | null
}

const toKeyParameters = ({ sessionId, clientRowId, organisationId, attempt }: BackchannelLogout) => [
  sessionId,
  clientRowId,
  organisationId,
  attempt,
]

export function createBackchannelLogoutQueue(pool: pg.Pool): BackchannelLogoutQueue {
  const queryLease = prepare<LeasedRow>(pool, 'lease-logout-notifications', LEASE)
  const queryComplete = prepare(pool, 'settle-logout-notification', COMPLETE)
  const queryAbandon = prepare(pool, 'give-up-logout-notification', ABANDON)
  return {
    async lease(retryDelaysSeconds, limit, now) {
      const rows = await queryLease([now, limit, [...retryDelaysSeconds]])
      return rows.map((row) => ({
        sessionId: row.session_id,
        organisationId: row.organisation_id,
        userId: row.user_id,
        clientRowId: row.client_row_id,
        clientId: row.client_lives === true ? (row.client_id ?? undefined) : undefined,
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
