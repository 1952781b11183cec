// `storage/resources` stores protected resources, and caches them for the protocol endpoints.
// The version of a resource is the time of its last write.

import type { Pool } from 'pg'
import {
  defaultResourceSettings,
  MAX_RESOURCES,
  type ProtectedResource,
  type ResourceRepository,
  type ResourceSettings,
  type ResourceSortField,
} from '../../model/resources/protected-resource.ts'
import { resourceIdentifierKey } from '../../oauth/resource-identifier.ts'
import { organisationIsActive } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { isUuid } from '../../lib/text/uuid.ts'

export const resourceColumns = `r.id, r.organisation_id AS "organisationId", r.identifier, r.name, r.settings,
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`

const FIND = `SELECT ${resourceColumns} FROM resources r WHERE r.id = $1::uuid AND r.organisation_id = $2::uuid`
const isHosted = (which: string) => `SELECT ${resourceColumns} FROM resources r
  JOIN organisations o ON o.id = r.organisation_id AND ${organisationIsActive('o')}
WHERE ${which} AND r.settings @> '{"hostsMetadata": true}' AND NOT r.settings @> '{"isActive": false}'`
const FIND_HOSTED_BY_ID = isHosted('r.id = $1::uuid')
const FIND_HOSTED_BY_KEY = isHosted('o.is_operator AND r.identifier_key = $1')
const FOUND = `FROM resources r WHERE r.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\\n', r.name, r.identifier))) > 0)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const SORT_COLUMNS: Readonly<Record<ResourceSortField, string>> = {
  name: 'fold_text(r.name) COLLATE "C"',
  identifier: 'r.identifier_key COLLATE "C"',
  createdAt: 'r.created_at',
  updatedAt: 'r.updated_at',
}
const listStatement = ({ by, descending }: { by: ResourceSortField; descending: boolean }) => {
  const direction = descending ? 'DESC' : 'ASC'
  return `SELECT ${resourceColumns} ${FOUND} ORDER BY ${SORT_COLUMNS[by]} ${direction}, r.id ${direction} LIMIT $3 OFFSET $4`
}

// The lock makes writers count one after another.
const LOCK_ORGANISATION = 'SELECT FROM organisations WHERE id = $1::uuid FOR NO KEY UPDATE'
const COUNT_ALL = 'SELECT count(*)::int AS total FROM resources WHERE organisation_id = $1::uuid'
const INSERT = `INSERT INTO resources (id, organisation_id, identifier, identifier_key, name, settings, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (organisation_id, identifier_key) DO NOTHING`
// Only in the version that was read. Settings that only another release knows stay.
const UPDATE = `UPDATE resources SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond'),
  name = coalesce($5, name), settings = settings || $6::jsonb
WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $4`
const DELETE = 'DELETE FROM resources WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3'

export type ResourceRow = Pick<
  ProtectedResource,
  'id' | 'organisationId' | 'identifier' | 'name' | 'createdAt' | 'updatedAt'
> & { settings: Partial<ResourceSettings> }

const settingNames = Object.keys(defaultResourceSettings) as (keyof typeof defaultResourceSettings)[]

/** A setting that was added since has its default, and one that this release does not know is left out. */
export function readResource({ settings, ...row }: ResourceRow): ProtectedResource {
  const known = settingNames.map((name) => [name, settings[name] ?? defaultResourceSettings[name]])
  return {
    ...row,
    ...(Object.fromEntries(known) as typeof defaultResourceSettings),
    version: row.updatedAt.getTime(),
  }
}

/** `evict` is called with an organisation whose resources have changed. */
export function createResourceRepository(pool: Pool, evict: (organisationId: string) => void): ResourceRepository {
  const evicting = async <Outcome>(organisationId: string, write: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await write
    evict(organisationId)
    return outcome
  }
  return {
    async list({ organisationId, search, sort, limit, offset }) {
      const which = [organisationId, search]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<ResourceRow>(listStatement(sort), [...which, limit, offset])
      return { resources: rows.map(readResource), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }) {
      const { rows } = await pool.query<ResourceRow>(FIND, [id, organisationId])
      return rows[0] && readResource(rows[0])
    },

    async findHosted(which) {
      if ('id' in which && !isUuid(which.id)) return undefined
      const [statement, value] = 'id' in which ? [FIND_HOSTED_BY_ID, which.id] : [FIND_HOSTED_BY_KEY, which.ownHostKey]
      const { rows } = await pool.query<ResourceRow>(statement, [value])
      return rows[0] && readResource(rows[0])
    },

    create: ({ id, organisationId, identifier, name, ...settings }, event) =>
      evicting(
        organisationId,
        inTransaction(pool, async (connection) => {
          await connection.query(LOCK_ORGANISATION, [organisationId])
          const { rows } = await connection.query<{ total: number }>(COUNT_ALL, [organisationId])
          if ((rows[0]?.total ?? 0) >= MAX_RESOURCES) return 'too_many'
          const key = resourceIdentifierKey(identifier)
          const values = [id, organisationId, identifier, key, name, JSON.stringify(settings), event.occurredAt]
          const inserted = await connection.query(INSERT, values)
          if (inserted.rowCount === 0) return 'identifier_taken'
          await recordAuditEvent(connection, event)
          return 'created'
        }),
      ),

    async update({ id, organisationId, version }, { name, ...settings }, event) {
      const key = [id, organisationId, event.occurredAt, new Date(version)]
      const values = [...key, name, JSON.stringify(settings)]
      return (await evicting(organisationId, writeWithEvents(pool, UPDATE, values, [event]))) ? 'updated' : 'stale'
    },

    async delete({ id, organisationId, version }, event) {
      const values = [id, organisationId, new Date(version)]
      return (await evicting(organisationId, writeWithEvents(pool, DELETE, values, [event]))) ? 'deleted' : 'stale'
    },
  }
}
