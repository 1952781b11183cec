import type { Pool } from 'pg'
import {
  MAX_COUNTED_DELIVERIES,
  MAX_REDELIVERIES,
  type PublishedEvent,
  type WebhookDelivery,
  type WebhookDeliveryLog,
} from '../../model/webhooks/webhook.ts'
import { TEST_EVENT } from '../../model/webhooks/webhook-events.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { CLIENT_OF_EVENT, publishedEventColumns, toPublishedEvent } from './published-event.ts'

const COLUMNS = `d.id, d.organisation_id AS "organisationId", d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.event,
  d.status, d.attempts, CASE WHEN d.status = 'pending' THEN d.next_attempt_at END AS "nextAttemptAt",
  d.attempt_log AS "attemptLog", d.response_body AS "responseBody", d.delivered_at AS "deliveredAt", d.created_at AS "createdAt"`

const FOUND = `FROM webhook_deliveries d WHERE d.organisation_id = $1::uuid AND d.endpoint_id = $2::uuid
  AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.event = $4)`
const COUNT = `SELECT count(*)::int AS total FROM (SELECT ${FOUND} LIMIT ${MAX_COUNTED_DELIVERIES + 1}) AS counted`
const LIST = `SELECT ${COLUMNS} ${FOUND} AND ($5::uuid IS NULL OR d.id < $5) ORDER BY d.id DESC LIMIT $6`

const BY_REFERENCE = 'd.id = $1::uuid AND d.organisation_id = $2::uuid AND d.endpoint_id = $3::uuid'
const FIND = `SELECT ${COLUMNS}, d.event_occurred_at AS "eventOccurredAt" FROM webhook_deliveries d WHERE ${BY_REFERENCE}`
const FIND_EVENT = `SELECT ${publishedEventColumns} FROM audit_events e ${CLIENT_OF_EVENT}
WHERE e.id = $1::uuid AND e.occurred_at = $2 AND e.organisation_id = $3::uuid`

const AGAIN = `status = 'pending', attempts = 0, delivered_at = NULL`
const REDELIVER = `UPDATE webhook_deliveries d SET ${AGAIN}, next_attempt_at = $4
WHERE ${BY_REFERENCE} AND d.status <> 'pending'`
const IN_RANGE = `SELECT d.id FROM webhook_deliveries d WHERE d.organisation_id = $1::uuid AND d.endpoint_id = $2::uuid
  AND d.created_at >= $3 AND d.created_at < $4 AND d.status = $5 ORDER BY d.id LIMIT ${MAX_REDELIVERIES}`
const COUNT_RANGE = `SELECT count(*)::int AS total FROM (${IN_RANGE}) AS counted`
const REDELIVER_RANGE = `UPDATE webhook_deliveries d SET ${AGAIN}, next_attempt_at = $6
WHERE d.organisation_id = $1::uuid AND d.status = $5 AND d.id IN (${IN_RANGE})`

const INSERT_TEST = `INSERT INTO webhook_deliveries (id, organisation_id, endpoint_id, event_id, event_occurred_at, event, status,
  attempts, next_attempt_at, created_at)
VALUES ($1, $2, $3, $4, $5, '${TEST_EVENT}', 'pending', 1, $6, $5)`

export function createWebhookDeliveryLog(pool: Pool): WebhookDeliveryLog {
  return {
    async list({ organisationId, endpointId, status, event, after, limit }) {
      const which = [organisationId, endpointId, status, event]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<WebhookDelivery>(LIST, [...which, after, limit])
      return { deliveries: rows, total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId, endpointId }) {
      const key = [id, organisationId, endpointId]
      const [row] = (await pool.query<WebhookDelivery & { eventOccurredAt: Date }>(FIND, key)).rows
      if (!row) return undefined
      const { eventOccurredAt, ...delivery } = row
      const values = [delivery.eventId, eventOccurredAt, organisationId]
      const [event] = (await pool.query<PublishedEvent>(FIND_EVENT, values)).rows
      return { delivery, event: event ? toPublishedEvent(event) : null }
    },

    redeliver: ({ id, organisationId, endpointId }, now, event) =>
      writeWithEvents(pool, REDELIVER, [id, organisationId, endpointId, now], [event]),

    async redeliverRange({ id, organisationId }, { since, until, status }, now, { dryRun, eventOf }) {
      const range = [organisationId, id, since, until, status]
      if (dryRun) return (await pool.query<{ total: number }>(COUNT_RANGE, range)).rows[0]?.total ?? 0
      return inTransaction(pool, async (connection) => {
        const count = (await connection.query(REDELIVER_RANGE, [...range, now])).rowCount ?? 0
        if (count > 0) await recordAuditEvent(connection, eventOf(count))
        return count
      })
    },

    createTest: ({ id, organisationId }, deliveryId, leaseEndsAt, event) =>
      inTransaction(pool, async (connection) => {
        await recordAuditEvent(connection, event)
        const values = [deliveryId, organisationId, id, event.id, event.occurredAt, leaseEndsAt]
        await connection.query(INSERT_TEST, values)
      }),
  }
}
