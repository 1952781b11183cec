import type { Pool } from 'pg'
import type {
  DeliveryResult,
  LeasedDelivery,
  PublishedEvent,
  SealedWebhookSecrets,
  WebhookDeliveryQueue,
} from '../../model/webhooks/webhook.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { batched, maxNow, prepare, toColumn } from '../db/batched-statement.ts'
import { inTransaction } from '../db/transaction.ts'
import { CLIENT_OF_EVENT, publishedEventColumns, toPublishedEvent } from './published-event.ts'
import { secretColumns } from './webhooks.ts'

// Reads a few rows of each endpoint by the index, however many are queued. Where an order is asked for, a delivery waits for
// the earlier ones of its key.
const LEASE = `
WITH RECURSIVE queued_endpoints AS (
  (SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.endpoint_id FROM webhook_deliveries d WHERE d.status = 'pending' AND d.endpoint_id > q.endpoint_id
    ORDER BY d.endpoint_id LIMIT 1)
  FROM queued_endpoints q WHERE q.endpoint_id IS NOT NULL
), endpoints AS (
  SELECT w.id, CASE WHEN w.failure_count >= $7 THEN least(coalesce(l.free, 1), 1) ELSE coalesce(l.free, $4::int) END AS free
  FROM queued_endpoints q JOIN webhook_endpoints w ON w.id = q.endpoint_id
  LEFT JOIN unnest($5::uuid[], $6::int[]) AS l(endpoint_id, free) ON l.endpoint_id = w.id
  WHERE w.is_active AND (w.paused_until IS NULL OR w.paused_until <= $1::timestamptz)
), due AS (
  SELECT d.id FROM endpoints w CROSS JOIN LATERAL (
    SELECT d.id, d.next_attempt_at, row_number() OVER () AS place FROM (
      SELECT d.id, d.next_attempt_at FROM webhook_deliveries d
      WHERE d.endpoint_id = w.id AND d.status = 'pending' AND d.next_attempt_at <= $1::timestamptz
        AND (d.ordering_key IS NULL OR NOT EXISTS (SELECT FROM webhook_deliveries p WHERE p.endpoint_id = d.endpoint_id
          AND p.ordering_key = d.ordering_key AND p.sequence < d.sequence AND p.status = 'pending'))
      ORDER BY d.next_attempt_at, d.sequence LIMIT w.free FOR UPDATE OF d SKIP LOCKED
    ) d
  ) d ORDER BY d.place, d.next_attempt_at LIMIT $2
), leased AS (
  UPDATE webhook_deliveries d SET attempts = d.attempts + 1, next_attempt_at = $1::timestamptz + make_interval(secs => $3)
  FROM due WHERE d.id = due.id RETURNING d.*
), probed AS (
  UPDATE webhook_endpoints w SET paused_until = $1::timestamptz + make_interval(secs => $3)
  WHERE w.failure_count >= $7 AND w.id IN (SELECT endpoint_id FROM leased)
)
SELECT l.id AS "deliveryId", l.organisation_id AS "deliveryOrganisationId", l.endpoint_id AS "endpointId", l.event,
  l.attempts AS attempt, l.ordering_key IS NOT NULL AS "isOrdered", w.url, ${secretColumns}, ${publishedEventColumns}
FROM leased l JOIN webhook_endpoints w ON w.id = l.endpoint_id AND w.organisation_id = l.organisation_id
LEFT JOIN audit_events e ON e.id = l.event_id AND e.occurred_at = l.event_occurred_at AND e.organisation_id = l.organisation_id
${CLIENT_OF_EVENT} ORDER BY l.sequence`

// Endpoints are locked in one order, so that two processes do not wait for each other.
const COMPLETE = `
WITH results AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::jsonb[], $5::text[]) AS r(id, organisation_id, attempt, entry, body)
), delivered AS (
  UPDATE webhook_deliveries d SET status = 'delivered', delivered_at = $6::timestamptz, response_body = r.body,
    attempt_log = d.attempt_log || r.entry
  FROM results r WHERE d.id = r.id AND d.organisation_id = r.organisation_id AND d.attempts = r.attempt AND d.status = 'pending'
  RETURNING d.endpoint_id
), successful AS (
  SELECT w.id FROM webhook_endpoints w WHERE w.id IN (SELECT endpoint_id FROM delivered)
    AND (w.failure_count > 0 OR w.last_triggered_at IS NULL OR w.last_triggered_at <= $6::timestamptz - interval '1 minute')
  ORDER BY w.id FOR UPDATE
)
UPDATE webhook_endpoints w SET failure_count = 0, last_failure_at = NULL, paused_until = NULL, last_triggered_at = $6::timestamptz
FROM successful s WHERE w.id = s.id`

const FAIL = `
UPDATE webhook_deliveries SET status = CASE WHEN $5::timestamptz IS NULL THEN 'failed' ELSE 'pending' END,
  next_attempt_at = coalesce($5, next_attempt_at), response_body = $6, attempt_log = attempt_log || $7::jsonb
WHERE id = $1::uuid AND organisation_id = $2::uuid AND endpoint_id = $3::uuid AND attempts = $4 AND status = 'pending'`

// Attempts that began before the last counted failure count with it.
const COUNT_FAILURE = `
UPDATE webhook_endpoints SET failure_count = failure_count + 1, last_failure_at = $3::timestamptz, last_triggered_at = $3,
  paused_until = CASE WHEN failure_count + 1 >= $5 THEN $3 + make_interval(secs =>
    ($6::int[])[least(failure_count + 2 - $5, cardinality($6::int[]))]) END,
  is_active = failure_count + 1 < $7, disabled_reason = CASE WHEN failure_count + 1 >= $7 THEN 'failures' END,
  updated_at = CASE WHEN failure_count + 1 >= $7 THEN greatest($3, updated_at + interval '1 millisecond') ELSE updated_at END
WHERE id = $1::uuid AND organisation_id = $2::uuid AND is_active AND (last_failure_at IS NULL OR last_failure_at <= $4::timestamptz)
RETURNING NOT is_active AS disabled`

type LeasedRow = Pick<LeasedDelivery, 'endpointId' | 'event' | 'attempt' | 'isOrdered' | 'url'> &
  SealedWebhookSecrets & { deliveryId: string; deliveryOrganisationId: string } & (PublishedEvent | { id: null })

const readLeased = (row: LeasedRow): LeasedDelivery => ({
  id: row.deliveryId,
  organisationId: row.deliveryOrganisationId,
  endpointId: row.endpointId,
  url: row.url,
  secrets: {
    sealedSecret: row.sealedSecret,
    sealedPreviousSecret: row.sealedPreviousSecret,
    previousSecretExpiresAt: row.previousSecretExpiresAt,
  },
  event: row.event,
  attempt: row.attempt,
  isOrdered: row.isOrdered,
  published: row.id === null ? null : toPublishedEvent(row),
})

export function createWebhookDeliveryQueue(pool: Pool): WebhookDeliveryQueue {
  const queryLease = prepare<LeasedRow>(pool, 'lease-webhook-deliveries', LEASE)
  const queryComplete = prepare(pool, 'complete-webhook-deliveries', COMPLETE)
  return {
    async lease({ total, perLane, ofLanes }, leaseSeconds, { pauseFrom }, now) {
      const lanes = [[...ofLanes.keys()], [...ofLanes.values()]]
      return (await queryLease([now, total, leaseSeconds, perLane, ...lanes, pauseFrom])).map(readLeased)
    },

    complete: batched<DeliveryResult, undefined>(async (results) => {
      await queryComplete([
        toColumn(results, ({ id }) => id),
        toColumn(results, ({ organisationId }) => organisationId),
        toColumn(results, ({ attempt }) => attempt),
        toColumn(results, ({ attemptLog }) => JSON.stringify(attemptLog)),
        toColumn(results, ({ responseBody }) => responseBody),
        maxNow(results),
      ])
      return results.map(() => undefined)
    }),

    fail: (failed, counting) =>
      inTransaction(pool, async (connection) => {
        const { id, organisationId, endpointId, attempt, nextAttemptAt, responseBody, attemptLog, now, startedAt } =
          failed
        const stored = [nextAttemptAt, responseBody, JSON.stringify(attemptLog)]
        await connection.query(FAIL, [id, organisationId, endpointId, attempt, ...stored])
        if (!counting) return false
        const { pauseFrom, pausesSeconds, disableAfter } = counting.policy
        const counted = [endpointId, organisationId, now, startedAt, pauseFrom, [...pausesSeconds], disableAfter]
        const { rows } = await connection.query<{ disabled: boolean }>(COUNT_FAILURE, counted)
        const disabled = rows[0]?.disabled === true
        if (disabled) await recordAuditEvent(connection, counting.disabled)
        return disabled
      }),
  }
}
