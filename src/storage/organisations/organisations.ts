// `storage/organisations` reads organisations and creates the first one.
// Creating it is safe when several processes start at once.
// Users and clients have folders of their own.

import type { Pool } from 'pg'
import type { OrganisationRepository } from '../../model/organisations/organisation.ts'

const FIND_FIRST = 'SELECT id FROM organisations ORDER BY created_at, id LIMIT 1'

const SET_SESSION_LIFETIMES = `UPDATE organisations SET session_idle_timeout = $1, session_lifetime = $2
WHERE (session_idle_timeout, session_lifetime) <> ($1, $2)`

export function createOrganisationRepository(pool: Pool): OrganisationRepository {
  return {
    findOperatorId: async () => (await pool.query<{ id: string }>(FIND_FIRST)).rows[0]?.id,

    async setSessionLifetimes({ idle, max }) {
      await pool.query(SET_SESSION_LIFETIMES, [idle, max])
    },
  }
}
