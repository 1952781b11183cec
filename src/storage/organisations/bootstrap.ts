import type { Pool } from 'pg'
import type { BootstrapRepository, PermissionDefinition } from '../../model/organisations/bootstrap.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { advisoryLocks, takeAdvisoryLock } from '../db/advisory-locks.ts'
import { inTransaction } from '../db/transaction.ts'

const HAS_ORGANISATION = 'SELECT EXISTS (SELECT FROM organisations) AS "hasOrganisation"'

const IS_IN_USE = `SELECT EXISTS (SELECT FROM signing_keys) OR EXISTS (SELECT FROM server_secrets)
  OR EXISTS (SELECT FROM organisations) AS "inUse"`

// A row that has not changed is not written.
const SYNC_PERMISSIONS = `INSERT INTO permissions AS stored (id, slug, name, description, category)
SELECT id::uuid, slug, name, description, category
FROM jsonb_to_recordset($1) AS defined (id text, slug text, name text, description text, category text)
ORDER BY slug
ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description, category = excluded.category
WHERE (stored.name, stored.description, stored.category)
  IS DISTINCT FROM (excluded.name, excluded.description, excluded.category)`

const INSERT_ORGANISATION = `INSERT INTO organisations (id, slug, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)`
const INSERT_ROLE = `WITH role AS (
  INSERT INTO roles (id, organisation_id, slug, name, description, is_default, is_system, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, true, $7, $7)
)
INSERT INTO role_permissions (role_id, permission_id) SELECT $1, id FROM permissions WHERE slug = ANY ($8)`
const INSERT_OWNER = `INSERT INTO users
  (id, organisation_id, email, email_key, email_verified, name, password_hash, created_at, updated_at)
VALUES ($1, $2, $3, $4, true, $5, $6, $7, $7)`
const ASSIGN_ROLE = `INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_at)
SELECT $1, id, organisation_id, $4 FROM roles WHERE organisation_id = $2 AND slug = $3`

export function createBootstrapRepository(pool: Pool): BootstrapRepository {
  return {
    async syncPermissions(permissions: readonly (PermissionDefinition & { id: string })[]) {
      await pool.query(SYNC_PERMISSIONS, [JSON.stringify(permissions)])
    },

    async isEmpty() {
      const { rows } = await pool.query<{ hasOrganisation: boolean }>(HAS_ORGANISATION)
      return rows[0]?.hasOrganisation === false
    },

    async isInUse() {
      const { rows } = await pool.query<{ inUse: boolean }>(IS_IN_USE)
      return rows[0]?.inUse !== false
    },

    createFirstOrganisation: ({ organisation, roles, owner, now, event }) =>
      inTransaction(pool, async (connection) => {
        await takeAdvisoryLock(connection, advisoryLocks.bootstrap)
        const { rows } = await connection.query<{ hasOrganisation: boolean }>(HAS_ORGANISATION)
        if (rows[0]?.hasOrganisation) return false
        const { id, slug, name } = organisation
        await connection.query(INSERT_ORGANISATION, [id, slug, name, now])
        for (const role of roles) {
          const { description, isDefault, permissions } = role
          await connection.query(INSERT_ROLE, [
            role.id,
            id,
            role.slug,
            role.name,
            description,
            isDefault,
            now,
            permissions,
          ])
        }
        const { email, emailKey, passwordHash } = owner
        await connection.query(INSERT_OWNER, [owner.id, id, email, emailKey, owner.name, passwordHash, now])
        await connection.query(ASSIGN_ROLE, [owner.id, id, owner.role, now])
        await recordAuditEvent(connection, event)
        return true
      }),
  }
}
