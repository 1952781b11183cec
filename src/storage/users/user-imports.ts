import type { Pool, PoolClient } from 'pg'
import type { TeamSummary } from '../../model/teams/team.ts'
import type { ImportBatch, UserImportRepository } from '../../model/users/user-import.ts'
import type { RoleSummary } from '../../model/users/user.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { attributeKey, writeAttributes } from './attributes/attribute-values.ts'
import { detailColumns, lockAll, LOCK_ROLES, LOCK_TEAMS, orConflict, TOUCH_TEAMS } from './insert-user.ts'
import { directoryUserColumns, readDirectoryUser, type DirectoryUserColumns } from './list-users.ts'

const FIND = `SELECT ${directoryUserColumns('$4')} FROM users u
WHERE u.organisation_id = $1::uuid AND u.deleted_at IS NULL
  AND (u.email_key = ANY ($2::text[]) OR u.external_id = ANY ($3::text[]))`
// Addresses are unique over all organisations, deleted users included.
const FIND_TAKEN = `SELECT email_key FROM users
WHERE email_key = ANY ($2::text[]) AND (organisation_id <> $1::uuid OR deleted_at IS NOT NULL)`
const FIND_ROLES = `
SELECT r.id, r.name, r.slug, array_agg(p.slug) FILTER (WHERE p.slug IS NOT NULL) AS permissions
FROM roles r LEFT JOIN role_permissions rp ON rp.role_id = r.id LEFT JOIN permissions p ON p.id = rp.permission_id
WHERE r.organisation_id = $1::uuid AND r.slug = ANY ($2::text[]) GROUP BY r.id`
const FIND_TEAMS = 'SELECT id, name, slug FROM teams WHERE organisation_id = $1::uuid AND slug = ANY ($2::text[])'
const FIND_HOLDERS = `SELECT (given.position - 1)::int AS index, v.user_id AS "userId"
FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS given(attribute_id, key, position)
JOIN user_attributes v ON v.attribute_id = given.attribute_id AND v.unique_key = given.key
WHERE v.organisation_id = $1::uuid`

type Detail = keyof typeof detailColumns
const details = Object.keys(detailColumns) as Detail[]
const columns = details.map((detail) => detailColumns[detail]).join(', ')

/** The value of a detail in the JSON object `details`. */
function detailValue(detail: Detail): string {
  if (detail === 'address') return `nullif(given.details->'address', 'null'::jsonb)`
  if (detail === 'emailVerified' || detail === 'phoneNumberVerified') {
    return `coalesce((given.details->>'${detail}')::boolean, false)`
  }
  return `given.details->>'${detail}'`
}

// In one order, so that two imports of the same users do not wait for one another.
const INSERT = `
INSERT INTO users (id, organisation_id, email, email_key, password_hash, blocked_at, created_at, updated_at, ${columns})
SELECT given.id, $1::uuid, given.email, given."emailKey", given."passwordHash", CASE WHEN given.blocked THEN $3::timestamptz END,
  $3::timestamptz, $3::timestamptz, ${details.map(detailValue).join(', ')}
FROM jsonb_to_recordset($2::jsonb)
  AS given(id uuid, email text, "emailKey" text, "passwordHash" text, blocked boolean, details jsonb)
ORDER BY given."emailKey"
ON CONFLICT DO NOTHING RETURNING id`
const LOCK = `SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid AND deleted_at IS NULL
ORDER BY id FOR UPDATE`
const UPDATE = `
UPDATE users u SET password_hash = coalesce(u.password_hash, given."passwordHash"), updated_at = $3::timestamptz,
  ${details.map((detail) => `${detailColumns[detail]} = CASE WHEN given.details ? '${detail}' THEN ${detailValue(detail)} ELSE u.${detailColumns[detail]} END`).join(', ')}
FROM jsonb_to_recordset($2::jsonb) AS given(id uuid, "passwordHash" text, details jsonb)
WHERE u.id = given.id AND u.organisation_id = $1::uuid AND u.deleted_at IS NULL RETURNING u.id`
const ASSIGN_ROLES = `INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_by, granted_at)
SELECT given.user_id, given.role_id, $1::uuid, $4::uuid, $5::timestamptz
FROM unnest($2::uuid[], $3::uuid[]) AS given(user_id, role_id) ON CONFLICT DO NOTHING`
const ADD_TO_TEAMS = `INSERT INTO team_members (user_id, team_id, organisation_id, joined_at)
SELECT given.user_id, given.team_id, $1::uuid, $4::timestamptz
FROM unnest($2::uuid[], $3::uuid[]) AS given(user_id, team_id) ON CONFLICT DO NOTHING`

export function createUserImportRepository(pool: Pool): UserImportRepository {
  return {
    async find(organisationId, { emailKeys, externalIds }, now) {
      const found = await pool.query<DirectoryUserColumns>(FIND, [organisationId, emailKeys, externalIds, now])
      const taken = await pool.query<{ email_key: string }>(FIND_TAKEN, [organisationId, emailKeys])
      return { users: found.rows.map(readDirectoryUser), takenEmailKeys: taken.rows.map((row) => row.email_key) }
    },

    async findBySlug(organisationId, slugs) {
      const roles = await pool.query<RoleSummary & { permissions: string[] | null }>(FIND_ROLES, [
        organisationId,
        slugs.roles,
      ])
      const teams = await pool.query<TeamSummary>(FIND_TEAMS, [organisationId, slugs.teams])
      return {
        roles: roles.rows.map(({ permissions, ...role }) => ({ role, permissions: permissions ?? [] })),
        teams: teams.rows,
      }
    },

    async findHolders(organisationId, values) {
      if (values.length === 0) return []
      const { rows } = await pool.query<{ index: number; userId: string }>(FIND_HOLDERS, [
        organisationId,
        values.map(({ attributeId }) => attributeId),
        values.map(({ value }) => attributeKey(value)),
      ])
      return rows
    },

    store: (batch) => orConflict(() => inTransaction(pool, (connection) => storeBatch(connection, batch))),
  }
}

/** Locks users, then teams, then roles, as every change of them does. */
async function storeBatch(connection: PoolClient, batch: ImportBatch): Promise<string[] | 'stale'> {
  const { organisationId, now } = batch
  await connection.query(LOCK, [batch.update.map(({ id }) => id), organisationId])
  const teamIds = [...new Set(batch.create.flatMap((user) => user.teamIds))]
  const roleIds = [...new Set(batch.create.flatMap((user) => user.roleIds))]
  if (!(await lockAll(connection, LOCK_TEAMS, teamIds, organisationId))) return 'stale'
  if (!(await lockAll(connection, LOCK_ROLES, roleIds, organisationId))) return 'stale'
  const write = async (text: string, users: readonly { id: string }[]) =>
    users.length === 0
      ? []
      : (await connection.query<{ id: string }>(text, [organisationId, JSON.stringify(users), now])).rows
  const created = await write(
    INSERT,
    batch.create.map(({ id, email, emailKey, passwordHash, blocked, details: given }) => ({
      id,
      email,
      emailKey,
      passwordHash,
      blocked,
      details: given,
    })),
  )
  const updated = await write(
    UPDATE,
    batch.update.map(({ id, passwordHash, details: given }) => ({ id, passwordHash, details: given })),
  )
  const stored = new Set([...created, ...updated].map(({ id }) => id))
  await storeAccess(connection, { ...batch, create: batch.create.filter(({ id }) => stored.has(id)) }, teamIds)
  for (const { id, attributes, event } of [...batch.create, ...batch.update]) {
    if (!stored.has(id)) continue
    await writeAttributes(connection, { id, organisationId }, attributes)
    await recordAuditEvent(connection, event)
  }
  return [...stored]
}

/** Gives new users their roles and teams. */
async function storeAccess(
  connection: PoolClient,
  { organisationId, now, grantedBy, create }: ImportBatch,
  teamIds: readonly string[],
): Promise<void> {
  const roles = create.flatMap(({ id, roleIds }) => roleIds.map((roleId) => ({ id, roleId })))
  const teams = create.flatMap((user) => user.teamIds.map((teamId) => ({ id: user.id, teamId })))
  const assigned = [roles.map(({ id }) => id), roles.map(({ roleId }) => roleId)]
  const joined = [teams.map(({ id }) => id), teams.map(({ teamId }) => teamId)]
  if (roles.length > 0) await connection.query(ASSIGN_ROLES, [organisationId, ...assigned, grantedBy, now])
  if (teams.length === 0) return
  await connection.query(ADD_TO_TEAMS, [organisationId, ...joined, now])
  await connection.query(TOUCH_TEAMS, [teamIds, organisationId, now])
}
