// `storage/api-keys` stores the API keys of users and service accounts, by the SHA-256 of each key.

import type { Pool, PoolClient } from 'pg'
import type { ActiveApiKey, ApiKey, ApiKeyRepository, ExpiringApiKey, NewApiKey } from '../../model/api-keys/api-key.ts'
import { clientIsEnabled, membershipIsActive, organisationIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertMail } from '../mail/insert-mail.ts'

const COLUMNS = `k.id, k.organisation_id AS "organisationId", k.user_id AS "userId",
  k.service_account_id AS "serviceAccountId", k.name, k.prefix, k.scopes,
  k.allowed_addresses AS "allowedAddresses", k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt",
  k.last_used_address AS "lastUsedAddress", k.revoked_at AS "revokedAt", k.revoked_reason AS "revokedReason",
  k.created_at AS "createdAt"`

const FOUND = `FROM api_keys k WHERE k.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\n', k.name, k.prefix))) > 0)
  AND ($3::uuid IS NULL OR k.user_id = $3)
  AND ($4::uuid IS NULL OR k.service_account_id = $4)
  AND ($5::text IS NULL OR $5 = CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked'
    WHEN k.expires_at > $6::timestamptz THEN 'active' ELSE 'expired' END)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY k.created_at DESC, k.id DESC LIMIT $7 OFFSET $8`
const FIND = `SELECT ${COLUMNS} FROM api_keys k WHERE k.id = $1::uuid AND k.organisation_id = $2::uuid`
const FIND_ACTIVE = `SELECT ${COLUMNS}, o.slug AS "organisationSlug"
FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND k.expires_at > $2::timestamptz AND ${organisationIsActive('o')}`
const OWNERS = `LEFT JOIN users u ON u.id = k.user_id
LEFT JOIN memberships m ON m.user_id = k.user_id AND m.organisation_id = k.organisation_id
LEFT JOIN service_accounts s ON s.id = k.service_account_id AND s.organisation_id = k.organisation_id`
/** Whether the user or the service account of key `k` is active. */
const OWNER_IS_ACTIVE = `(u.id IS NOT NULL AND ${userIsActive('u')} AND ${membershipIsActive('m')}
  OR coalesce(s.status = 'active', false))`
const IS_USABLE = `SELECT k.id FROM api_keys k ${OWNERS}
JOIN organisations o ON o.id = k.organisation_id
WHERE k.id = $1::uuid AND k.organisation_id = $2::uuid AND k.revoked_at IS NULL AND k.expires_at > $3::timestamptz
  AND ${OWNER_IS_ACTIVE} AND ${organisationIsActive('o')}`
const ANNOUNCE_EXPIRING = `WITH due AS (
  SELECT k.id, u.email, u.locale, o.name
  FROM api_keys k ${OWNERS}
  JOIN organisations o ON o.id = k.organisation_id
  WHERE k.expires_at > $1::timestamptz AND k.expires_at <= $2::timestamptz AND k.expiry_noticed_at IS NULL
    AND k.revoked_at IS NULL AND k.revoked_reason IS NULL
    AND k.expires_at - k.created_at > $2::timestamptz - $1::timestamptz
    AND ${OWNER_IS_ACTIVE} AND ${organisationIsActive('o')}
  ORDER BY k.expires_at LIMIT $3 FOR UPDATE OF k SKIP LOCKED
)
UPDATE api_keys k SET expiry_noticed_at = $1::timestamptz FROM due
WHERE k.id = due.id AND k.expiry_noticed_at IS NULL
RETURNING ${COLUMNS}, due.email, due.locale AS language, due.name AS "organisationName"`
const IS_AUDIENCE = `SELECT c.id FROM clients c
WHERE c.organisation_id = $1::uuid AND c.settings->'audience' ? $2 AND ${clientIsEnabled('c', '$3')} LIMIT 1`
const INSERT = `INSERT INTO api_keys
  (id, organisation_id, user_id, service_account_id, name, prefix, key_hash, scopes, allowed_addresses, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
const REVOKE = `UPDATE api_keys SET revoked_at = $3, revoked_reason = $4
WHERE id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL`
// A key with a successor has this reason before it ends, so that it gets no second one.
const REPLACE = `UPDATE api_keys SET expires_at = least(expires_at, $4::timestamptz), revoked_reason = 'rotated'
WHERE id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL AND revoked_reason IS NULL
  AND expires_at > $3::timestamptz`
const RECORD_USE = `UPDATE api_keys SET last_used_at = $3, last_used_address = $4
WHERE id = $1::uuid AND organisation_id = $2::uuid AND coalesce(last_used_at < $3, true)`
const REVOKE_LEAKED = `UPDATE api_keys k SET revoked_at = $2::timestamptz, revoked_reason = 'leaked'
WHERE k.key_hash = ANY ($1::bytea[]) AND k.revoked_at IS NULL RETURNING ${COLUMNS}`

const insert = (connection: PoolClient, key: NewApiKey) =>
  connection.query(INSERT, [
    key.id,
    key.organisationId,
    key.userId,
    key.serviceAccountId,
    key.name,
    key.prefix,
    key.keyHash,
    key.scopes,
    key.allowedAddresses,
    key.expiresAt,
    key.createdAt,
  ])

export function createApiKeyRepository(pool: Pool): ApiKeyRepository {
  return {
    async list({ organisationId, search, userId, serviceAccountId, status, now, limit, offset }) {
      const which = [organisationId, search, userId, serviceAccountId, status, now]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<ApiKey>(LIST, [...which, limit, offset])
      return { keys: rows, total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }) {
      return (await pool.query<ApiKey>(FIND, [id, organisationId])).rows[0]
    },

    async findActive(keyHash, now) {
      return (await pool.query<ActiveApiKey>(FIND_ACTIVE, [keyHash, now])).rows[0]
    },

    async isUsable({ id, organisationId }, now) {
      return (await pool.query(IS_USABLE, [id, organisationId, now])).rows.length > 0
    },

    async isAudience(organisationId, audience, now) {
      return (await pool.query(IS_AUDIENCE, [organisationId, audience, now])).rows.length > 0
    },

    create: (key, event) =>
      inTransaction(pool, async (connection) => {
        await insert(connection, key)
        await recordAuditEvent(connection, event)
      }),

    revoke: ({ id, organisationId }, reason, event) =>
      writeWithEvents(pool, REVOKE, [id, organisationId, event.occurredAt, reason], [event]),

    rotate: ({ id, organisationId }, successor, endsAt, event) =>
      inTransaction(pool, async (connection) => {
        const replaced = await connection.query(REPLACE, [id, organisationId, event.occurredAt, endsAt])
        if (replaced.rowCount === 0) return false
        await insert(connection, successor)
        await recordAuditEvent(connection, event)
        return true
      }),

    async recordUse({ id, organisationId }, address, now) {
      await pool.query(RECORD_USE, [id, organisationId, now, address])
    },

    announceExpiring: (now, before, limit, noticeOf) =>
      inTransaction(pool, async (connection) => {
        const { rows } = await connection.query<ExpiringApiKey>(ANNOUNCE_EXPIRING, [now, before, limit])
        for (const key of rows) {
          const { event, mail } = noticeOf(key)
          await recordAuditEvent(connection, event)
          if (mail) await insertMail(connection, mail)
        }
        return rows.length
      }),

    revokeLeaked: (keyHashes, now, eventOf) =>
      inTransaction(pool, async (connection) => {
        const { rows } = await connection.query<ApiKey>(REVOKE_LEAKED, [keyHashes, now])
        for (const key of rows) await recordAuditEvent(connection, eventOf(key))
        return rows.length
      }),
  }
}
