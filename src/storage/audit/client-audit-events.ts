import type pg from 'pg'
import type { ClientAuditEvent, ClientAuditEventReader } from '../../model/audit/audit-event.ts'
import { prepare } from '../db/batched-statement.ts'

// Found by the partial index on events about clients: the literal category lets the planner use it.
const CLIENT_EVENTS_CONDITION = `e.client_id = $1::uuid AND e.organisation_id = $2::uuid AND e.category = 'client'`

const LIST = `
SELECT e.id, e.occurred_at AS "occurredAt", e.type, e.action, e.success, e.user_id AS "userId", u.email,
  e.ip_address AS "ipAddress", e.user_agent AS "userAgent", e.request_id AS "requestId", e.metadata, e.changes,
  (SELECT count(*)::int FROM audit_events e WHERE ${CLIENT_EVENTS_CONDITION}) AS total
FROM audit_events e LEFT JOIN users u ON u.id = e.user_id AND u.organisation_id IS NOT DISTINCT FROM e.organisation_id
WHERE ${CLIENT_EVENTS_CONDITION} ORDER BY e.id DESC LIMIT $3 OFFSET $4`

export function createClientAuditEventReader(pool: pg.Pool): ClientAuditEventReader {
  const queryList = prepare<ClientAuditEvent & { total: number }>(pool, 'list-client-events', LIST)
  return {
    async list({ id, organisationId }, { limit, offset }) {
      const rows = await queryList([id, organisationId, limit, offset])
      return { events: rows.map(({ total: _, ...event }) => event), total: rows[0]?.total ?? 0 }
    },
  }
}
