import type pg from 'pg'
import { uuidv7 } from '../../lib/random.ts'
import { prepare } from '../db/batched-statement.ts'

/*
 * How a client with an `expires_at` ends. One rule for all:
 *
 *   30 days and 7 days ahead   client.expires_soon, once each; a client made or changed later than that gets the shorter
 *   at the instant             disabled, client.expired. Nothing was issued or honoured from then on in any case
 *   30 days later              deleted as by an administrator, client.removed
 *
 * What is due is found by the index on `expires_at`, locked and judged again, so each deed is done once however many
 * processes sweep.
 */
const DUE_ACTION = `CASE
    WHEN c.expires_at <= $1::timestamptz - interval '30 days' THEN 'client.removed'
    WHEN c.expires_at <= $1::timestamptz THEN CASE WHEN c.is_active THEN 'client.expired' END
    WHEN c.expires_at <= $1::timestamptz + interval '7 days' AND coalesce(c.expiry_notice_days, 30) > 7 THEN 'client.expires_soon'
    WHEN c.expires_at > $1::timestamptz + interval '7 days' AND c.expiry_notice_days IS NULL THEN 'client.expires_soon'
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
    expiry_notice_days = CASE d.action WHEN 'client.expires_soon' THEN d.days_left ELSE c.expiry_notice_days END,
    is_active = c.is_active AND d.action = 'client.expires_soon',
    revoked_at = CASE d.action WHEN 'client.removed' THEN $1::timestamptz ELSE c.revoked_at END,
    deleted_at = CASE d.action WHEN 'client.removed' THEN $1::timestamptz END,
    updated_at = CASE d.action WHEN 'client.expires_soon' THEN c.updated_at ELSE $1::timestamptz END
  FROM due d WHERE c.id = d.id AND c.organisation_id = d.organisation_id
), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, client_id, resource_type,
    resource_id, metadata)
  SELECT ($3::uuid[])[row_number() OVER (ORDER BY expires_at, id)], organisation_id, $1::timestamptz, action, 'client',
    CASE action WHEN 'client.removed' THEN 'delete' ELSE 'update' END, true, id, 'client', id::text,
    jsonb_build_object('clientId', client_id, 'expiresAt', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      || CASE action WHEN 'client.expires_soon' THEN jsonb_build_object('days', days_left) ELSE '{}' END
  FROM due
)
SELECT FROM due`

const BATCH_SIZE = 100
const MAX_BATCHES = 1_000

/** Does what is due at `now` to the clients that expire, over all organisations. */
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
