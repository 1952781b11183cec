import type pg from 'pg'
import type { LogoutNotification, LogoutNotificationRepository } from '../model/logout-notification.ts'
import { auditColumns, auditParameters, auditValues } from './audit.ts'
import { prepare } from './statement.ts'

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

const SETTLE = `
DELETE FROM logout_notifications
WHERE session_id = $1::uuid AND client_id = $2::uuid AND organisation_id = $3::uuid AND attempts = $4 RETURNING session_id`

const GIVE_UP = `
WITH gone AS (${SETTLE})
INSERT INTO audit_events (${auditColumns}) SELECT ${auditParameters(5)} FROM gone`

interface LeasedRow {
  session_id: string
  organisation_id: string
  user_id: string
  client_row_id: string
  attempts: number
  client_id: string | null
  client_lives: boolean | null
}

const key = ({ sessionId, clientRowId, organisationId, attempt }: LogoutNotification) => [
  sessionId,
  clientRowId,
  organisationId,
  attempt,
]

export function createLogoutNotificationRepository(pool: pg.Pool): LogoutNotificationRepository {
  const leaseRows = prepare<LeasedRow>(pool, 'lease-logout-notifications', LEASE)
  const settleRows = prepare(pool, 'settle-logout-notification', SETTLE)
  const giveUpRows = prepare(pool, 'give-up-logout-notification', GIVE_UP)
  return {
    async lease(patience, limit, now) {
      const rows = await leaseRows([now, limit, [...patience]])
      return rows.map((row) => ({
        sessionId: row.session_id,
        organisationId: row.organisation_id,
        userId: row.user_id,
        clientRowId: row.client_row_id,
        clientId: row.client_lives === true ? (row.client_id ?? undefined) : undefined,
        attempt: row.attempts,
      }))
    },
    async settle(notification) {
      await settleRows(key(notification))
    },
    async giveUp(notification, event) {
      await giveUpRows([...key(notification), ...auditValues(event)])
    },
  }
}
