// `storage/permissions` stores the roles of organisations and reads the catalogue of permissions.
// The version of a role is the time of its last write, which grows with each write.
// Assigning roles to users and teams belongs to `storage/users`.

import type { Pool } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import {
  MAX_COUNTED_ROLE_USERS,
  type Role,
  type RoleRepository,
  type RoleSortField,
  type RoleVersion,
  type StoredPermission,
} from '../../model/permissions/role.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

// Asked for row by row, so that a limit ends the search: as a join it would read all users.
const userExists = (id: string) => `(SELECT u.deleted_at IS NULL FROM users u WHERE u.id = ${id})`

/** At most `limit` users who have role `r`, by themselves or through a team, in the whole organisation or within a team. */
const usersWithRole = (now: string, limit: number) => `
  (SELECT a.user_id FROM role_assignments a
    WHERE a.role_id = r.id AND a.organisation_id = r.organisation_id AND ${assignmentIsEffective('a', now)}
      AND ${userExists('a.user_id')} ORDER BY a.user_id LIMIT ${limit})
  UNION
  (SELECT t.user_id FROM role_assignments a
    CROSS JOIN LATERAL (SELECT t.user_id FROM team_members t
      WHERE t.team_id = a.team_id AND t.organisation_id = a.organisation_id AND ${userExists('t.user_id')}
      LIMIT ${limit}) t
    WHERE a.role_id = r.id AND a.user_id IS NULL AND a.organisation_id = r.organisation_id
      AND ${assignmentIsEffective('a', now)} LIMIT ${limit})
  LIMIT ${limit}`

const roleColumns = (now: string) => `r.id, r.organisation_id AS "organisationId", r.slug, r.name, r.description,
  r.is_default AS "isDefault", r.is_system AS "isSystem", r.created_at AS "createdAt", r.updated_at AS "updatedAt",
  coalesce((
    SELECT json_agg(json_build_object('id', p.id, 'slug', p.slug, 'name', p.name, 'description', p.description,
      'category', p.category) ORDER BY p.slug COLLATE "C")
    FROM role_permissions h JOIN permissions p ON p.id = h.permission_id WHERE h.role_id = r.id), '[]') AS permissions,
  (SELECT count(*)::int FROM (${usersWithRole(now, MAX_COUNTED_ROLE_USERS)}) AS holders) AS "userCount",
  (SELECT count(DISTINCT a.team_id)::int FROM role_assignments a
    WHERE a.role_id = r.id AND a.organisation_id = r.organisation_id AND a.user_id IS NULL
      AND ${assignmentIsEffective('a', now)}) AS "teamCount"`

const FIND = `SELECT ${roleColumns('$3')} FROM roles r WHERE r.id = $1 AND r.organisation_id = $2`

const SORT_COLUMNS: Readonly<Record<RoleSortField, string>> = {
  name: 'fold_text(r.name) COLLATE "C"',
  slug: 'r.slug COLLATE "C"',
  createdAt: 'r.created_at',
  updatedAt: 'r.updated_at',
}
const FOUND = `FROM roles r WHERE r.organisation_id = $1
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\\n', r.slug, r.name, r.description))) > 0)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const listStatement = ({ by, descending }: { by: RoleSortField; descending: boolean }) => {
  const direction = descending ? 'DESC' : 'ASC'
  return `SELECT ${roleColumns('$5')} ${FOUND} ORDER BY ${SORT_COLUMNS[by]} ${direction}, r.id ${direction} LIMIT $3 OFFSET $4`
}

const LIST_PERMISSIONS = 'SELECT id, slug, name, description, category FROM permissions ORDER BY slug COLLATE "C"'

// Two roles that become the default at once wait for one another here.
const LOCK_ORGANISATION = 'SELECT id FROM organisations WHERE id = $1 FOR NO KEY UPDATE'
const NEXT_UPDATE = `greatest($3::timestamptz, updated_at + interval '1 millisecond')`
const UNSET_DEFAULT = `UPDATE roles SET is_default = false, updated_at = ${NEXT_UPDATE}
WHERE organisation_id = $1 AND id <> $2 AND is_default`

const INSERT_ROLE = `INSERT INTO roles
  (id, organisation_id, slug, name, description, is_default, is_system, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, false, $7, $7) ON CONFLICT (organisation_id, slug) DO NOTHING`
const ADD_PERMISSIONS = `INSERT INTO role_permissions (role_id, permission_id)
SELECT $1, id FROM permissions WHERE id = ANY ($2::uuid[]) ON CONFLICT DO NOTHING`
const REMOVE_PERMISSIONS = 'DELETE FROM role_permissions WHERE role_id = $1 AND permission_id = ANY ($2::uuid[])'

// Only in the version that was read.
const TOUCH = `UPDATE roles SET updated_at = ${NEXT_UPDATE} WHERE id = $1 AND organisation_id = $2 AND updated_at = $4`
const UPDATE = `UPDATE roles SET updated_at = ${NEXT_UPDATE}, name = coalesce($5, name),
  description = CASE WHEN $6 THEN $7 ELSE description END, is_default = coalesce($8, is_default)
WHERE id = $1 AND organisation_id = $2 AND updated_at = $4`

// An assignment that is being made waits for this lock, and then finds no role.
const LOCK_ROLE = 'SELECT id FROM roles WHERE id = $1 AND organisation_id = $2 AND updated_at = $3 FOR UPDATE'
const IS_ASSIGNED = `SELECT EXISTS (
  SELECT FROM role_assignments a LEFT JOIN users u ON u.id = a.user_id
  WHERE a.role_id = $1 AND a.organisation_id = $2 AND (u.id IS NULL OR u.deleted_at IS NULL)
    AND ${assignmentIsEffective('a', '$3')}) AS "isAssigned"`
const DELETE_ASSIGNMENTS = 'DELETE FROM role_assignments WHERE role_id = $1 AND organisation_id = $2'
const DELETE_ROLE = 'DELETE FROM roles WHERE id = $1 AND organisation_id = $2'

type RoleRow = Omit<Role, 'version'>

const readRole = (row: RoleRow): Role => ({ ...row, version: row.updatedAt.getTime() })

export function createRoleRepository(pool: Pool): RoleRepository {
  /** Changes the permissions of a role in this version. */
  const changePermissions =
    (statement: string) => (role: RoleVersion, permissionIds: readonly string[], event: AuditEvent) =>
      inTransaction(pool, async (connection) => {
        const { id, organisationId, version } = role
        const touched = await connection.query(TOUCH, [id, organisationId, event.occurredAt, new Date(version)])
        if (touched.rowCount === 0) return 'stale'
        await connection.query(statement, [id, permissionIds])
        await recordAuditEvent(connection, event)
        return 'updated'
      })

  return {
    async list({ organisationId, now, search, sort, limit, offset }) {
      const counted = await pool.query<{ total: number }>(COUNT, [organisationId, search])
      const { rows } = await pool.query<RoleRow>(listStatement(sort), [organisationId, search, limit, offset, now])
      return { roles: rows.map(readRole), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }, now) {
      const { rows } = await pool.query<RoleRow>(FIND, [id, organisationId, now])
      return rows[0] && readRole(rows[0])
    },

    async listPermissions() {
      return (await pool.query<StoredPermission>(LIST_PERMISSIONS)).rows
    },

    create: ({ id, organisationId, slug, name, description, isDefault, permissionIds }, event) =>
      inTransaction(pool, async (connection) => {
        const { occurredAt } = event
        if (isDefault) await connection.query(LOCK_ORGANISATION, [organisationId])
        const role = [id, organisationId, slug, name, description, isDefault, occurredAt]
        const inserted = await connection.query(INSERT_ROLE, role)
        if (inserted.rowCount === 0) return 'slug_taken'
        if (isDefault) await connection.query(UNSET_DEFAULT, [organisationId, id, occurredAt])
        await connection.query(ADD_PERMISSIONS, [id, permissionIds])
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    update: ({ id, organisationId, version }, { name, description, isDefault }, event) =>
      inTransaction(pool, async (connection) => {
        if (isDefault) await connection.query(LOCK_ORGANISATION, [organisationId])
        const key = [id, organisationId, event.occurredAt]
        const hasDescription = description !== undefined
        const values = [...key, new Date(version), name, hasDescription, description, isDefault]
        const updated = await connection.query(UPDATE, values)
        if (updated.rowCount === 0) return 'stale'
        if (isDefault) await connection.query(UNSET_DEFAULT, [organisationId, id, event.occurredAt])
        await recordAuditEvent(connection, event)
        return 'updated'
      }),

    addPermissions: changePermissions(ADD_PERMISSIONS),
    removePermissions: changePermissions(REMOVE_PERMISSIONS),

    delete: ({ id, organisationId, version }, event) =>
      inTransaction(pool, async (connection) => {
        const locked = await connection.query(LOCK_ROLE, [id, organisationId, new Date(version)])
        if (locked.rowCount === 0) return 'stale'
        const values = [id, organisationId, event.occurredAt]
        const { rows } = await connection.query<{ isAssigned: boolean }>(IS_ASSIGNED, values)
        if (rows[0]?.isAssigned) return 'assigned'
        await connection.query(DELETE_ASSIGNMENTS, [id, organisationId])
        await connection.query(DELETE_ROLE, [id, organisationId])
        await recordAuditEvent(connection, event)
        return 'deleted'
      }),
  }
}
