import type { Client, Pool } from 'pg'
import { UnusableDatabaseError } from './connection/connection-failure.ts'

const MIN_SERVER_VERSION = 14

interface DatabaseState {
  name: string
  version: number
  encoding: string
  standby: boolean
  readOnly: string
  triggers: string
}

/**
 * Checks what no setting of a connection can change: version, encoding, and whether the server accepts writes. Rejects
 * with `UnusableDatabaseError`.
 */
export async function checkDatabase(client: Pick<Client, 'query'>): Promise<void> {
  const { rows } = await client.query<DatabaseState>(`
    SELECT current_database() AS name, current_setting('server_version_num')::int / 10000 AS version,
      current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
      current_setting('transaction_read_only') AS "readOnly", current_setting('session_replication_role') AS triggers`)
  const [state] = rows
  const problem = state && findProblem(state)
  if (problem !== undefined) throw new UnusableDatabaseError(problem)
}

function findProblem({ name, version, encoding, standby, readOnly, triggers }: DatabaseState): string | undefined {
  if (version < MIN_SERVER_VERSION) {
    return `The database server is PostgreSQL ${version}. Version ${MIN_SERVER_VERSION} or later is needed.`
  }
  if (encoding !== 'UTF8') {
    return (
      `The database ${name} has the encoding ${encoding}, in which names and claims of users cannot be stored. ` +
      `Create one in UTF-8: CREATE DATABASE cerberus TEMPLATE template0 ENCODING 'UTF8'`
    )
  }
  if (standby) return `The database server is a standby, which accepts no writes. Point DATABASE_URL at the primary.`
  if (readOnly === 'on') return `The database ${name} is read-only. The server must be able to write to it.`
  if (triggers !== 'origin') {
    return (
      `session_replication_role is ${triggers}, so the triggers of the tables do not run. ` +
      `Remove the setting: ALTER ROLE … RESET session_replication_role, or the same with ALTER DATABASE.`
    )
  }
  return undefined
}

/** Why the database is not ready for requests; undefined if it is. */
export type DatabaseProblem = 'read_only' | 'not_migrated' | 'empty' | 'another_database'

const UNDEFINED_TABLE = '42P01'

/**
 * Returns a check that the database at the other end accepts writes, has the migrations of this release, and is the one
 * that the first check found: names and proxies may lead to another one after a failover. It rejects when the database
 * does not respond.
 */
export function createDatabaseCheck(
  pool: Pick<Pool, 'query'>,
  migrations: readonly string[],
): () => Promise<DatabaseProblem | undefined> {
  let known: string | undefined
  return async () => {
    const state = await readState(pool).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return undefined
      throw error
    })
    if (!state || migrations.some((name) => !state.applied.includes(name))) return 'not_migrated'
    if (state.readOnly === 'on') return 'read_only'
    if (state.firstOrganisation === null) return 'empty'
    known ??= state.firstOrganisation
    return known === state.firstOrganisation ? undefined : 'another_database'
  }
}

async function readState(pool: Pick<Pool, 'query'>) {
  const { rows } = await pool.query<{ readOnly: string; applied: string[]; firstOrganisation: string | null }>(`
    SELECT current_setting('transaction_read_only') AS "readOnly",
      ARRAY(SELECT migration_name::text FROM _prisma_migrations
        WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied,
      (SELECT id::text FROM organisations ORDER BY id LIMIT 1) AS "firstOrganisation"`)
  return rows[0]
}
