import type { Pool } from 'pg'
import type { EventFeed, FeedPosition, PublishedEvent } from '../../model/webhooks/webhook.ts'
import { ACTIVE_TRANSACTIONS } from '../audit/oldest-transaction.ts'
import { CLIENT_OF_EVENT, publishedEventColumns, toPublishedEvent } from './published-event.ts'

const toMicroseconds = (instant: string) => `(extract(epoch FROM ${instant}) * 1000000)::bigint`
const fromMicroseconds = (count: string) =>
  `'epoch'::timestamptz + make_interval(secs => ${count}::bigint / 1000000) + (${count}::bigint % 1000000) * interval '1 microsecond'`

// An event is stored after the start of its transaction. So what is older than the oldest transaction is complete, for
// statements that begin after this one.
const FIND_HORIZON = `SELECT ${toMicroseconds('least(now(), min(xact_start))')}::text AS horizon ${ACTIVE_TRANSACTIONS}`

const READ = `
SELECT ${toMicroseconds('e.recorded_at')}::text AS "recordedAt", ${publishedEventColumns}
FROM (
  SELECT e.* FROM audit_events e
  WHERE e.organisation_id = $1::uuid AND e.recorded_at >= ${fromMicroseconds('$2')} AND e.recorded_at < ${fromMicroseconds('$4')}
    AND (e.recorded_at, e.id) > (${fromMicroseconds('$2')}, $3::uuid) AND e.type = ANY ($5::text[])
  ORDER BY e.recorded_at, e.id LIMIT $6
) e ${CLIENT_OF_EVENT} ORDER BY e.recorded_at, e.id`

const LOWEST_ID = '00000000-0000-0000-0000-000000000000'

/** Reads events by the index of the time at which PostgreSQL stored them. */
export function createEventFeed(pool: Pool): EventFeed {
  async function end(): Promise<FeedPosition> {
    const { rows } = await pool.query<{ horizon: string }>(FIND_HORIZON)
    return { recordedAt: rows[0]?.horizon ?? '0', id: LOWEST_ID }
  }
  return {
    end,
    async read({ organisationId, types, after, limit }) {
      const horizon = await end()
      const values = [organisationId, after.recordedAt, after.id, horizon.recordedAt, types, limit]
      const { rows } = await pool.query<PublishedEvent & { recordedAt: string }>(READ, values)
      const last = rows.at(-1)
      const isBehind = BigInt(after.recordedAt) > BigInt(horizon.recordedAt)
      const reached = rows.length === limit && last ? { recordedAt: last.recordedAt, id: last.id } : horizon
      return { events: rows.map(toPublishedEvent), end: isBehind ? after : reached }
    },
  }
}
