// `storage/organisations` reads and changes organisations and creates the first one.
// Creating it is safe when several processes start at once.
// Users and clients have folders of their own.

import type { Pool } from 'pg'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import type { Organisation, OrganisationRepository } from '../../model/organisations/organisation.ts'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

const FIND_FIRST = 'SELECT id FROM organisations ORDER BY created_at, id LIMIT 1'

const FIND = `SELECT o.id, o.slug, o.name, o.status, o.session_lifetime AS "sessionLifetime",
  o.session_idle_timeout AS "sessionIdleTimeout", o.audit_tokens AS "auditTokens", o.settings, o.version,
  o.created_at AS "createdAt", o.updated_at AS "updatedAt", (
    SELECT u.id FROM roles r
      JOIN role_assignments a ON a.role_id = r.id AND a.organisation_id = r.organisation_id
      LEFT JOIN team_members t ON t.team_id = a.team_id AND t.organisation_id = r.organisation_id
      JOIN users u ON u.id = coalesce(a.user_id, t.user_id)
      JOIN memberships m ON m.user_id = u.id AND m.organisation_id = r.organisation_id
    WHERE r.organisation_id = o.id AND r.slug = '${OWNER_ROLE_SLUG}' AND a.within_team_id IS NULL AND a.expires_at IS NULL
      AND ${userIsActive('u')} AND ${membershipIsActive('m')}
    ORDER BY a.granted_at, u.id LIMIT 1) AS "ownerId"
FROM organisations o WHERE o.id = $1::uuid`

const FIND_SETTINGS = 'SELECT settings FROM organisations WHERE id = $1::uuid'

const UPDATE = `UPDATE organisations SET updated_at = $3::timestamptz, name = coalesce($4, name),
  audit_tokens = coalesce($5, audit_tokens), session_lifetime = coalesce($6, session_lifetime),
  session_idle_timeout = coalesce($7, session_idle_timeout), settings = (settings - $8::text[]) || $9::jsonb
WHERE id = $1::uuid AND version = $2`

const SET_SESSION_LIFETIMES = `UPDATE organisations SET
  session_idle_timeout = CASE WHEN settings ? 'sessionIdleTimeout' THEN session_idle_timeout ELSE $1 END,
  session_lifetime = CASE WHEN settings ? 'sessionLifetime' THEN session_lifetime ELSE $2 END
WHERE (NOT settings ? 'sessionIdleTimeout' AND session_idle_timeout <> $1)
  OR (NOT settings ? 'sessionLifetime' AND session_lifetime <> $2)`

type OrganisationRow = Pick<
  Organisation,
  | 'id'
  | 'slug'
  | 'name'
  | 'status'
  | 'sessionLifetime'
  | 'sessionIdleTimeout'
  | 'auditTokens'
  | 'ownerId'
  | 'createdAt'
  | 'updatedAt'
  | 'version'
> & { settings: unknown }

/** `onChange` is called after each change, so that this process forgets what it has cached; others poll for changes. */
export function createOrganisationRepository(pool: Pool, onChange: () => void): OrganisationRepository {
  return {
    findOperatorId: async () => (await pool.query<{ id: string }>(FIND_FIRST)).rows[0]?.id,

    async find(id) {
      const [row] = (await pool.query<OrganisationRow>(FIND, [id])).rows
      if (!row) return undefined
      const { settings, ...columns } = row
      return { ...completeOrganisationSettings(settings), ...columns }
    },

    async findPasswordPolicy(id) {
      const [row] = (await pool.query<{ settings: unknown }>(FIND_SETTINGS, [id])).rows
      return completeOrganisationSettings(row?.settings).passwordPolicy
    },

    async update({ id, version }, { columns, settings, reset }, event) {
      const { name, auditTokens, sessionLifetime, sessionIdleTimeout } = columns
      const outcome = await inTransaction(pool, async (connection) => {
        const key = [id, version, event.occurredAt]
        const values = [...key, name, auditTokens, sessionLifetime, sessionIdleTimeout, reset, JSON.stringify(settings)]
        const { rowCount } = await connection.query(UPDATE, values)
        if (rowCount === 0) return 'stale'
        await recordAuditEvent(connection, event)
        return 'updated'
      })
      onChange()
      return outcome
    },

    async setSessionLifetimes({ idle, max }) {
      await pool.query(SET_SESSION_LIFETIMES, [idle, max])
    },
  }
}
