import type pg from 'pg'
import type { BackchannelLogout, BackchannelLogoutQueue } from '../../model/sessions/backchannel-logout.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

// Reads a few rows of each client by the index, however many are queued. The conditions on rows are repeated where they
// are locked: another process may have leased them since.
const LEASE = `
WITH RECURSIVE queued_clients AS (
  (SELECT client_id FROM backchannel_logout_queue ORDER BY client_id LIMIT 1)
  UNION ALL
  SELECT (SELECT n.client_id FROM backchannel_logout_queue n WHERE n.client_id > q.client_id ORDER BY n.client_id LIMIT 1)
  FROM queued_clients q WHERE q.client_id IS NOT NULL
), hosts AS (
  SELECT q.client_id AS id, c.client_id, c.organisation_id,
    coalesce(lower(substring(c.backchannel_logout_uri FROM '^[^:]+://([^/?#]*)')), '') AS host
  FROM queued_clients q LEFT JOIN clients c ON c.id = q.client_id AND c.deleted_at IS NULL
  WHERE q.client_id IS NOT NULL
), limited_hosts AS (
  SELECT h.*, coalesce(l.free, $4::int) AS free
  FROM hosts h LEFT JOIN unnest($5::text[], $6::int[]) AS l(host, free) ON l.host = h.host
), candidates AS (
  SELECT n.session_id, n.attempts > 0 AS is_retry, n.next_attempt_at, h.*,
    row_number() OVER (PARTITION BY h.host ORDER BY n.attempts, n.next_attempt_at) AS place_in_host,
    row_number() OVER (PARTITION BY n.user_id ORDER BY n.attempts, n.next_attempt_at) AS place_in_user
  FROM limited_hosts h CROSS JOIN LATERAL (
    SELECT session_id, user_id, attempts, next_attempt_at FROM backchannel_logout_queue
    WHERE client_id = h.id AND next_attempt_at <= $1::timestamptz ORDER BY attempts, next_attempt_at LIMIT h.free
  ) n
), due AS (
  SELECT n.session_id, n.client_id AS id, d.host, d.client_id, d.organisation_id
  FROM candidates d JOIN backchannel_logout_queue n ON n.session_id = d.session_id AND n.client_id = d.id
  WHERE d.place_in_host <= d.free AND n.next_attempt_at <= $1::timestamptz
  ORDER BY d.is_retry, greatest(d.place_in_host, d.place_in_user), d.next_attempt_at
  LIMIT $2 FOR UPDATE OF n SKIP LOCKED
)
UPDATE backchannel_logout_queue n SET attempts = n.attempts + 1,
  next_attempt_at = $1::timestamptz + make_interval(secs => ($3::int[])[least(n.attempts + 1, cardinality($3::int[]))])
FROM due d WHERE n.session_id = d.session_id AND n.client_id = d.id
RETURNING n.session_id, n.organisation_id, n.user_id, n.client_id AS client_row_id, n.attempts, d.host,
  CASE WHEN d.organisation_id = n.organisation_id THEN d.client_id END AS client_id`

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
  host: string
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
    async lease(retryDelaysSeconds, { total, perLane, ofLanes }, now) {
      const hosts = [[...ofLanes.keys()], [...ofLanes.values()]]
      const rows = await queryLease([now, total, [...retryDelaysSeconds], perLane, ...hosts])
      return rows.map((row) => ({
        sessionId: row.session_id,
        organisationId: row.organisation_id,
        userId: row.user_id,
        clientRowId: row.client_row_id,
        clientId: row.client_id ?? undefined,
        host: row.host,
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
