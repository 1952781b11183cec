import type { Pool } from 'pg'
import type { ServerSecretRepository } from '../../model/keys/server-secret.ts'

const FIND = 'SELECT sealed FROM server_secrets WHERE name = $1'
const INSERT = 'INSERT INTO server_secrets (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING'
const REPLACE = 'UPDATE server_secrets SET sealed = $3 WHERE name = $1 AND sealed = $2'

export function createServerSecretRepository(pool: Pool): ServerSecretRepository {
  const find = async (name: string) => (await pool.query<{ sealed: Uint8Array }>(FIND, [name])).rows[0]?.sealed
  return {
    async findOrCreate(name, make, now) {
      const found = await find(name)
      if (found) return found
      // Another process may have inserted it first, and then its secret is the one that counts.
      await pool.query(INSERT, [name, make(), now])
      const stored = await find(name)
      if (!stored) throw new Error(`The server secret ${name} disappeared after it was stored.`)
      return stored
    },
    async replace(name, previous, sealed) {
      await pool.query(REPLACE, [name, previous, sealed])
    },
  }
}
