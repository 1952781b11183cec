import type { Pool } from 'pg'
import type { UserExportRepository } from '../../model/users/user-import.ts'
import { directoryUserColumns, readDirectoryUser, type DirectoryUserColumns } from './list-users.ts'

// By the index on the organisation and the id: a page costs the same wherever it is.
const READ = `SELECT ${directoryUserColumns('$3')}, CASE WHEN $4::boolean THEN u.password_hash END AS password_hash FROM users u
WHERE u.organisation_id = $1::uuid AND u.deleted_at IS NULL AND ($2::uuid IS NULL OR u.id > $2::uuid)
ORDER BY u.id LIMIT $5`
const FIND_AUTH_TIME = 'SELECT auth_time AS "authTime" FROM grants WHERE id = $1::uuid AND organisation_id = $2::uuid'

export function createUserExportRepository(pool: Pool): UserExportRepository {
  return {
    async read(organisationId, { after, limit, now, withPasswordHashes }) {
      const values = [organisationId, after, now, withPasswordHashes, limit]
      const { rows } = await pool.query<DirectoryUserColumns & { password_hash: string | null }>(READ, values)
      return rows.map((row) => ({ user: readDirectoryUser(row), passwordHash: row.password_hash }))
    },

    async findAuthTime({ id, organisationId }) {
      const { rows } = await pool.query<{ authTime: Date | null }>(FIND_AUTH_TIME, [id, organisationId])
      return rows[0]?.authTime ?? undefined
    },
  }
}
