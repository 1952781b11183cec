// `storage/service-accounts` stores service accounts.
// The version of an account is the time of its last write, which grows with each write to it or its roles.
// Assigning roles belongs to `storage/permissions`, API keys to `storage/api-keys`.

import { DatabaseError, type Pool } from 'pg'
import type {
  HeldPermissions,
  ServiceAccount,
  ServiceAccountRepository,
  ServiceAccountSortField,
} from '../../model/service-accounts/service-account.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { PERMISSIONS_HELD, TEAM_PERMISSIONS_HELD } from '../permissions/held-roles.ts'

const columns = (now: string) => `s.id, s.organisation_id AS "organisationId", s.name, s.description, s.status,
  s.created_by AS "createdBy", s.created_at AS "createdAt", s.updated_at AS "updatedAt",
  (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'slug', r.slug) ORDER BY r.slug COLLATE "C"), '[]')
    FROM role_assignments a JOIN roles r ON r.id = a.role_id
    WHERE a.service_account_id = s.id AND a.organisation_id = s.organisation_id AND a.within_team_id IS NULL
      AND ${assignmentIsEffective('a', now)}) AS roles,
  (SELECT count(*)::int FROM api_keys k WHERE k.service_account_id = s.id AND k.organisation_id = s.organisation_id
    AND k.revoked_at IS NULL AND k.expires_at > ${now}::timestamptz) AS "apiKeyCount"`

const FIND = `SELECT ${columns('$3')} FROM service_accounts s WHERE s.id = $1::uuid AND s.organisation_id = $2::uuid`
const FIND_PERMISSIONS = `
WITH held AS MATERIALIZED (
  SELECT DISTINCT a.role_id, a.within_team_id FROM role_assignments a
  WHERE a.service_account_id = $1::uuid AND a.organisation_id = $2::uuid AND ${assignmentIsEffective('a', '$3')}
)
SELECT ${PERMISSIONS_HELD} AS permissions, ${TEAM_PERMISSIONS_HELD} AS "teamPermissions"
FROM service_accounts s WHERE s.id = $1::uuid AND s.organisation_id = $2::uuid AND s.status = 'active'`

const SORT_COLUMNS: Readonly<Record<ServiceAccountSortField, string>> = {
  name: 'fold_text(s.name) COLLATE "C"',
  createdAt: 's.created_at',
  updatedAt: 's.updated_at',
}
const FOUND = `FROM service_accounts s WHERE s.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\\n', s.name, s.description))) > 0)
  AND ($3::text IS NULL OR s.status = $3)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const listStatement = ({ by, descending }: { by: ServiceAccountSortField; descending: boolean }) => {
  const direction = descending ? 'DESC' : 'ASC'
  return `SELECT ${columns('$6')} ${FOUND} ORDER BY ${SORT_COLUMNS[by]} ${direction}, s.id ${direction} LIMIT $4 OFFSET $5`
}

const INSERT = `INSERT INTO service_accounts (id, organisation_id, name, description, created_by, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (organisation_id, name) DO NOTHING`
// Only in the version that was read.
const UPDATE = `UPDATE service_accounts SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond'),
  name = coalesce($5, name), description = CASE WHEN $6 THEN $7 ELSE description END, status = coalesce($8, status)
WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $4`
const DELETE = 'DELETE FROM service_accounts WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3'

const NAME_KEY = 'service_accounts_organisation_id_name_key'

const readAccount = (row: Omit<ServiceAccount, 'version'>): ServiceAccount => ({
  ...row,
  version: row.updatedAt.getTime(),
})

export function createServiceAccountRepository(pool: Pool): ServiceAccountRepository {
  return {
    async list({ organisationId, now, search, status, sort, limit, offset }) {
      const which = [organisationId, search, status]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<ServiceAccount>(listStatement(sort), [...which, limit, offset, now])
      return { accounts: rows.map(readAccount), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }, now) {
      const { rows } = await pool.query<ServiceAccount>(FIND, [id, organisationId, now])
      return rows[0] && readAccount(rows[0])
    },

    async findPermissions({ id, organisationId }, now) {
      return (await pool.query<HeldPermissions>(FIND_PERMISSIONS, [id, organisationId, now])).rows[0]
    },

    create: ({ id, organisationId, name, description, createdBy }, event) =>
      inTransaction(pool, async (connection) => {
        const values = [id, organisationId, name, description, createdBy, event.occurredAt]
        const inserted = await connection.query(INSERT, values)
        if (inserted.rowCount === 0) return 'name_taken'
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    async update({ id, organisationId, version }, { name, description, status }, event) {
      try {
        return await inTransaction(pool, async (connection) => {
          const key = [id, organisationId, event.occurredAt, new Date(version)]
          const values = [...key, name, description !== undefined, description, status]
          const updated = await connection.query(UPDATE, values)
          if (updated.rowCount === 0) return 'stale'
          await recordAuditEvent(connection, event)
          return 'updated'
        })
      } catch (error) {
        if (error instanceof DatabaseError && error.constraint === NAME_KEY) return 'name_taken'
        throw error
      }
    },

    delete: ({ id, organisationId, version }, event) =>
      inTransaction(pool, async (connection) => {
        const deleted = await connection.query(DELETE, [id, organisationId, new Date(version)])
        if (deleted.rowCount === 0) return 'stale'
        await recordAuditEvent(connection, event)
        return 'deleted'
      }),
  }
}
