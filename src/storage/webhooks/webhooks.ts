// `storage/webhooks` stores webhook endpoints and their deliveries, and reads the feed of events.
// Deliveries are added by a trigger of `audit_events` (migration 20261130710000_webhooks), in the statement of the event.

import type { Pool } from 'pg'
import {
  MAX_ENDPOINTS_PER_ORGANISATION,
  type SealedWebhookSecrets,
  type WebhookEndpoint,
  type WebhookRepository,
} from '../../model/webhooks/webhook.ts'
import { subscribedTypes } from '../../model/webhooks/webhook-events.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

/** The sealed secrets of endpoint `w`. */
export const secretColumns = `w.sealed_secret AS "sealedSecret", w.sealed_previous_secret AS "sealedPreviousSecret",
  w.previous_secret_expires_at AS "previousSecretExpiresAt"`

const COLUMNS = `w.id, w.organisation_id AS "organisationId", w.url, w.description, w.events, w.client_id AS "clientId",
  w.ordered, w.is_active AS "isActive", w.disabled_reason AS "disabledReason", w.failure_count AS "failureCount",
  w.paused_until AS "pausedUntil", w.last_triggered_at AS "lastTriggeredAt", ${secretColumns},
  w.created_at AS "createdAt", w.updated_at AS "updatedAt"`

const FOUND = `FROM webhook_endpoints w WHERE w.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\\n', w.url, w.description))) > 0)
  AND ($3::boolean IS NULL OR w.is_active = $3)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY w.created_at DESC, w.id DESC LIMIT $4 OFFSET $5`
const FIND = `SELECT ${COLUMNS} FROM webhook_endpoints w WHERE w.id = $1::uuid AND w.organisation_id = $2::uuid`

// The lock makes requests at the same time count one after another.
const LOCK_ORGANISATION = 'SELECT FROM organisations WHERE id = $1::uuid FOR NO KEY UPDATE'
const INSERT = `INSERT INTO webhook_endpoints (id, organisation_id, url, description, events, audit_types, event_names, client_id,
  ordered, is_active, sealed_secret, created_at, updated_at)
SELECT $1, $2::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12
WHERE (SELECT count(*) FROM webhook_endpoints WHERE organisation_id = $2::uuid) < ${MAX_ENDPOINTS_PER_ORGANISATION}`

// Only in the version that was read. One that is enabled starts without failures.
const UPDATE = `UPDATE webhook_endpoints SET updated_at = greatest($4::timestamptz, updated_at + interval '1 millisecond'),
  url = coalesce($5, url), description = CASE WHEN $6 THEN $7 ELSE description END, events = coalesce($8, events),
  audit_types = coalesce($9, audit_types), event_names = coalesce($10, event_names),
  client_id = CASE WHEN $11 THEN $12::uuid ELSE client_id END, ordered = coalesce($13, ordered),
  is_active = coalesce($14, is_active), sealed_secret = coalesce($15, sealed_secret),
  sealed_previous_secret = CASE WHEN $15::bytea IS NULL THEN sealed_previous_secret ELSE $16 END,
  previous_secret_expires_at = CASE WHEN $15::bytea IS NULL THEN previous_secret_expires_at ELSE $17 END,
  failure_count = CASE WHEN $14 THEN 0 ELSE failure_count END,
  last_failure_at = CASE WHEN $14 THEN NULL ELSE last_failure_at END,
  paused_until = CASE WHEN $14 THEN NULL ELSE paused_until END,
  disabled_reason = CASE WHEN $14 IS NULL THEN disabled_reason END
WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3`

const DELETE = 'DELETE FROM webhook_endpoints WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3'
const DELETE_DELIVERIES = 'DELETE FROM webhook_deliveries WHERE endpoint_id = $1::uuid AND organisation_id = $2::uuid'

const LIST_SUBSCRIPTIONS = `SELECT id, organisation_id AS "organisationId", events, audit_types AS types
FROM webhook_endpoints`
// Types are added and not removed: a process of an earlier release may start later.
const ADD_TYPES = `UPDATE webhook_endpoints SET audit_types = audit_types || $4::text[], event_names = event_names || $5::text[]
WHERE id = $1::uuid AND organisation_id = $2::uuid AND audit_types = $3::text[]`

const FIND_CLIENT = `SELECT id FROM clients
WHERE organisation_id = $1::uuid AND (client_id = $2 OR id::text = lower($2)) AND deleted_at IS NULL LIMIT 1`

type EndpointRow = Omit<WebhookEndpoint, 'version' | 'secrets'> & SealedWebhookSecrets

const readEndpoint = ({
  sealedSecret,
  sealedPreviousSecret,
  previousSecretExpiresAt,
  ...row
}: EndpointRow): WebhookEndpoint => ({
  ...row,
  secrets: { sealedSecret, sealedPreviousSecret, previousSecretExpiresAt },
  version: row.updatedAt.getTime(),
})

function subscriptionColumns(events: readonly string[] | undefined): [string[] | undefined, string[] | undefined] {
  const subscribed = events && subscribedTypes(events)
  return [subscribed?.map(({ type }) => type), subscribed?.map(({ event }) => event)]
}

export function createWebhookRepository(pool: Pool): WebhookRepository {
  return {
    async list({ organisationId, search, isActive, limit, offset }) {
      const which = [organisationId, search, isActive]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<EndpointRow>(LIST, [...which, limit, offset])
      return { endpoints: rows.map(readEndpoint), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }) {
      const { rows } = await pool.query<EndpointRow>(FIND, [id, organisationId])
      return rows[0] && readEndpoint(rows[0])
    },

    create: ({ id, organisationId, url, description, events, clientId, ordered, isActive, sealedSecret }, event) =>
      inTransaction(pool, async (connection) => {
        await connection.query(LOCK_ORGANISATION, [organisationId])
        const settings = [url, description, events, ...subscriptionColumns(events), clientId, ordered, isActive]
        const values = [id, organisationId, ...settings, sealedSecret, event.occurredAt]
        if ((await connection.query(INSERT, values)).rowCount === 0) return false
        await recordAuditEvent(connection, event)
        return true
      }),

    update: ({ id, organisationId, version }, change, event) => {
      const { url, description, events, clientId, ordered, isActive } = change
      const key = [id, organisationId, new Date(version), event.occurredAt]
      const settings = [url, description !== undefined, description, events, ...subscriptionColumns(events)]
      const state = [clientId !== undefined, clientId, ordered, isActive]
      const secrets = [change.sealedSecret, change.sealedPreviousSecret, change.previousSecretExpiresAt]
      const values = [...key, ...settings, ...state, ...secrets]
      return writeWithEvents(pool, UPDATE, values, [event])
    },

    delete: ({ id, organisationId, version }, event) =>
      inTransaction(pool, async (connection) => {
        const deleted = await connection.query(DELETE, [id, organisationId, new Date(version)])
        if (deleted.rowCount === 0) return false
        await connection.query(DELETE_DELIVERIES, [id, organisationId])
        await recordAuditEvent(connection, event)
        return true
      }),

    async refreshSubscriptions() {
      const { rows } = await pool.query<WebhookEndpointSubscription>(LIST_SUBSCRIPTIONS)
      for (const { id, organisationId, events, types } of rows) {
        const added = subscribedTypes(events).filter(({ type }) => !types.includes(type))
        if (added.length === 0) continue
        const columns = [added.map(({ type }) => type), added.map(({ event }) => event)]
        await pool.query(ADD_TYPES, [id, organisationId, types, ...columns])
      }
    },

    async findClientId(organisationId, client) {
      return (await pool.query<{ id: string }>(FIND_CLIENT, [organisationId, client])).rows[0]?.id
    },
  }
}

interface WebhookEndpointSubscription {
  id: string
  organisationId: string
  events: string[]
  types: string[]
}
