import type pg from 'pg'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { auditEventTypes } from '../../model/audit/audit-event-types.ts'
import { auditEventActionOf, auditEventType } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

const REMOVED = auditEventType('client.removed')
const EXPIRED = auditEventType('client.expired')
const EXPIRES_SOON = auditEventType('client.expires_soon')

/*
 * How a client with an `expires_at` expires:
 *
 *   30 days and 7 days before  client.expires_soon, once each; a client changed after the first date gets the second only
 *   at the instant             disabled, client.expired; tokens are neither issued nor accepted from then on in any case
 *   30 days later              deleted as by an administrator, client.removed
 *
 * The statement finds due clients by the index on `expires_at`, locks them and evaluates the rule again, so each action
 * is done once, however many processes sweep.
 */
const DUE_ACTION = `CASE
    WHEN c.expires_at <= $1::timestamptz - interval '30 days' THEN ${REMOVED}
    WHEN c.expires_at <= $1::timestamptz THEN CASE WHEN c.is_active THEN ${EXPIRED} END
    WHEN c.expires_at <= $1::timestamptz + interval '7 days' AND coalesce(c.expiry_notice_days, 30) > 7 THEN ${EXPIRES_SOON}
    WHEN c.expires_at > $1::timestamptz + interval '7 days' AND c.expiry_notice_days IS NULL THEN ${EXPIRES_SOON}
  END`

const EXPIRE = `
WITH due AS MATERIALIZED (
  SELECT c.id, c.organisation_id, c.client_id, c.expires_at, ${DUE_ACTION} AS action,
    CASE WHEN c.expires_at <= $1::timestamptz + interval '7 days' THEN 7 ELSE 30 END AS days_left
  FROM clients c
  WHERE c.expires_at <= $1::timestamptz + interval '30 days' AND c.deleted_at IS NULL AND (${DUE_ACTION}) IS NOT NULL
  ORDER BY c.expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
), updated AS (
  UPDATE clients c SET
    expiry_notice_days = CASE d.action WHEN ${EXPIRES_SOON} THEN d.days_left ELSE c.expiry_notice_days END,
    is_active = c.is_active AND d.action = ${EXPIRES_SOON},
    revoked_at = CASE d.action WHEN ${REMOVED} THEN $1::timestamptz ELSE c.revoked_at END,
    deleted_at = CASE d.action WHEN ${REMOVED} THEN $1::timestamptz END,
    updated_at = CASE d.action WHEN ${EXPIRES_SOON} THEN c.updated_at ELSE $1::timestamptz END
  FROM due d WHERE c.id = d.id AND c.organisation_id = d.organisation_id
), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, client_id, resource_type,
    resource_id, metadata)
  SELECT ($3::uuid[])[row_number() OVER (ORDER BY expires_at, id)], organisation_id, $1::timestamptz, action, '${auditEventTypes['client.expired'].category}',
    ${auditEventActionOf('action', ['client.removed', 'client.expired', 'client.expires_soon'])}, true, id, 'client', id::text,
    jsonb_build_object('clientId', client_id, 'expiresAt', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      || CASE action WHEN ${EXPIRES_SOON} THEN jsonb_build_object('days', days_left) ELSE '{}' END
  FROM due
)
SELECT FROM due`

const BATCH_SIZE = 100
const MAX_BATCHES = 1_000

/** Applies the rule at `now` to the expiring clients of all organisations. */
export function createClientExpiry(pool: pg.Pool): (now: Date) => Promise<void> {
  const queryExpire = prepare(pool, 'expire-clients', EXPIRE)
  return async (now) => {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const eventIds = Array.from({ length: BATCH_SIZE }, () => uuidv7(now))
      const rows = await queryExpire([now, BATCH_SIZE, eventIds])
      if (rows.length < BATCH_SIZE) return
    }
  }
}
