import type pg from 'pg'
import type { ClientEvent, ClientEventReader } from '../model/security-event.ts'
import { prepare } from './statement.ts'

// Found by the index that has the events about clients alone: the category stands in the text, so that the plan may use it.
const which = `e.client_id = $1::uuid AND e.organisation_id = $2::uuid AND e.category = 'client'`

const LIST = `
SELECT e.id, e.occurred_at AS "occurredAt", e.type, e.action, e.success, e.user_id AS "userId", u.email,
  e.ip_address AS "ipAddress", e.user_agent AS "userAgent", e.request_id AS "requestId", e.metadata,
  (SELECT count(*)::int FROM audit_events e WHERE ${which}) AS total
FROM audit_events e LEFT JOIN users u ON u.id = e.user_id AND u.organisation_id IS NOT DISTINCT FROM e.organisation_id
WHERE ${which} ORDER BY e.id DESC LIMIT $3 OFFSET $4`

export function createClientEventReader(pool: pg.Pool): ClientEventReader {
  const listRows = prepare<ClientEvent & { total: number }>(pool, 'list-client-events', LIST)
  return {
    async list({ id, organisationId }, { limit, offset }) {
      const rows = await listRows([id, organisationId, limit, offset])
      return { events: rows.map(({ total: _, ...event }) => event), total: rows[0]?.total ?? 0 }
    },
  }
}
