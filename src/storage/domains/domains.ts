// `storage/domains` stores the domains of organisations.
// The version of a domain is the time of its last write, which grows with each write that has an audit event.

import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { MAX_DOMAINS, type DomainRepository, type OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import { organisationIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

const COLUMNS = `d.id, d.organisation_id AS "organisationId", d.domain, d.token, d.verified_at AS "verifiedAt",
  d.last_checked_at AS "lastCheckedAt", d.missing_since AS "missingSince", d.membership, d.role_id AS "roleId",
  d.from_any_organisation AS "fromAnyOrganisation",
  d.created_by AS "createdBy", d.created_at AS "createdAt", d.updated_at AS "updatedAt"`
const FOUND = `FROM organisation_domains d WHERE d.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN d.domain) > 0)
  AND ($3::text IS NULL OR ($3 = 'verified') = (d.verified_at IS NOT NULL))`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY d.domain COLLATE "C" LIMIT $4 OFFSET $5`
const FIND = `SELECT ${COLUMNS} FROM organisation_domains d WHERE d.id = $1::uuid AND d.organisation_id = $2::uuid`

// Two domains that are added at once wait for one another here, so that neither exceeds the limit.
const LOCK_ORGANISATION = 'SELECT id FROM organisations WHERE id = $1::uuid FOR NO KEY UPDATE'
const COUNT_ALL = 'SELECT count(*)::int AS total FROM organisation_domains WHERE organisation_id = $1::uuid'
const LOCK_ROLE = 'SELECT id FROM roles WHERE id = $1::uuid AND organisation_id = $2::uuid FOR KEY SHARE'
const INSERT = `INSERT INTO organisation_domains
  (id, organisation_id, domain, token, created_by, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (organisation_id, domain) DO NOTHING`
const NEXT_UPDATE = `greatest($3::timestamptz, updated_at + interval '1 millisecond')`
// Only in the version that was read.
const UPDATE = `UPDATE organisation_domains SET updated_at = ${NEXT_UPDATE}, membership = coalesce($5, membership),
  role_id = CASE WHEN $6 THEN $7::uuid ELSE role_id END, from_any_organisation = coalesce($8, from_any_organisation)
WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $4`
const DELETE = 'DELETE FROM organisation_domains WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3'
const RECORD_CHECK = `UPDATE organisation_domains SET last_checked_at = $3::timestamptz, verified_at = $4, missing_since = $5,
  updated_at = CASE WHEN $8 THEN ${NEXT_UPDATE} ELSE updated_at END
WHERE id = $1::uuid AND organisation_id = $2::uuid
  AND verified_at IS NOT DISTINCT FROM $6::timestamptz AND missing_since IS NOT DISTINCT FROM $7::timestamptz`
const TAKE_DUE = `WITH due AS (
  SELECT d.id FROM organisation_domains d JOIN organisations o ON o.id = d.organisation_id
  WHERE d.verified_at IS NOT NULL AND d.last_checked_at <= $2::timestamptz AND ${organisationIsActive('o')}
  ORDER BY d.last_checked_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED
)
UPDATE organisation_domains d SET last_checked_at = $1::timestamptz FROM due
WHERE d.id = due.id AND d.last_checked_at <= $2::timestamptz RETURNING ${COLUMNS}`

type DomainRow = Omit<OrganisationDomain, 'version'>

const readDomain = (row: DomainRow): OrganisationDomain => ({ ...row, version: row.updatedAt.getTime() })

/** Whether the organisation has the role, if there is one. It is not deleted before the transaction ends. */
const lockRole = async (connection: PoolClient, roleId: string | null, organisationId: string) =>
  roleId === null || (await connection.query(LOCK_ROLE, [roleId, organisationId])).rowCount === 1

export function createDomainRepository(pool: Pool): DomainRepository {
  return {
    async list({ organisationId, search, status, limit, offset }) {
      const which = [organisationId, search, status]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<DomainRow>(LIST, [...which, limit, offset])
      return { domains: rows.map(readDomain), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }) {
      const { rows } = await pool.query<DomainRow>(FIND, [id, organisationId])
      return rows[0] && readDomain(rows[0])
    },

    create: ({ id, organisationId, domain, token, createdBy }, event) =>
      inTransaction(pool, async (connection) => {
        await connection.query(LOCK_ORGANISATION, [organisationId])
        const { rows } = await connection.query<{ total: number }>(COUNT_ALL, [organisationId])
        if ((rows[0]?.total ?? 0) >= MAX_DOMAINS) return 'too_many'
        const values = [id, organisationId, domain, token, createdBy, event.occurredAt]
        if ((await connection.query(INSERT, values)).rowCount === 0) return 'exists'
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    update: ({ id, organisationId, version }, { membership, roleId, fromAnyOrganisation }, event) =>
      inTransaction(pool, async (connection) => {
        if (!(await lockRole(connection, roleId ?? null, organisationId))) return 'unknown_role'
        const key = [id, organisationId, event.occurredAt, new Date(version)]
        const values = [...key, membership, roleId !== undefined, roleId, fromAnyOrganisation]
        if ((await connection.query(UPDATE, values)).rowCount === 0) return 'stale'
        await recordAuditEvent(connection, event)
        return 'updated'
      }),

    delete: ({ id, organisationId, version }, event) =>
      inTransaction(pool, async (connection) => {
        const deleted = await connection.query(DELETE, [id, organisationId, new Date(version)])
        if (deleted.rowCount === 0) return 'stale'
        await recordAuditEvent(connection, event)
        return 'deleted'
      }),

    async recordCheck(domain, { verifiedAt, missingSince }, now, event) {
      const { id, organisationId } = domain
      const former = [domain.verifiedAt, domain.missingSince]
      try {
        return await inTransaction(pool, async (connection) => {
          const values = [id, organisationId, now, verifiedAt, missingSince, ...former, event !== undefined]
          if ((await connection.query(RECORD_CHECK, values)).rowCount === 0) return 'stale'
          if (event) await recordAuditEvent(connection, event)
          return 'recorded'
        })
      } catch (error) {
        if (error instanceof DatabaseError && error.constraint === 'organisation_domains_verified_key') return 'taken'
        throw error
      }
    },

    async takeDue(now, before, limit) {
      return (await pool.query<DomainRow>(TAKE_DUE, [now, before, limit])).rows.map(readDomain)
    },
  }
}
