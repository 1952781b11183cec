// `storage/organisations` reads organisations and creates the first one.
// Creating it is safe when several processes start at once.
// Users and clients have folders of their own.

import type { Pool } from 'pg'
import type { OrganisationRepository } from '../../model/organisations/organisation.ts'

const FIND_FIRST = 'SELECT id FROM organisations ORDER BY created_at, id LIMIT 1'

export function createOrganisationRepository(pool: Pool): OrganisationRepository {
  return {
    findOperatorId: async () => (await pool.query<{ id: string }>(FIND_FIRST)).rows[0]?.id,
  }
}
