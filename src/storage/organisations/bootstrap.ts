import type { Pool } from 'pg'
import type { BootstrapRepository, PermissionDefinition } from '../../model/organisations/bootstrap.ts'
import { advisoryLocks, takeAdvisoryLock } from '../db/advisory-locks.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertOrganisation } from './insert-organisation.ts'

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

    createFirstOrganisation: (organisation) =>
      inTransaction(pool, async (connection) => {
        await takeAdvisoryLock(connection, advisoryLocks.bootstrap)
        const { rows } = await connection.query<{ hasOrganisation: boolean }>(HAS_ORGANISATION)
        if (rows[0]?.hasOrganisation) return false
        await insertOrganisation(connection, organisation)
        return true
      }),
  }
}
