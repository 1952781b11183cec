import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseError, type Client } from 'pg'
import { connectionConfig, PinnedClient, type Connection } from './connection/connection.ts'
import { toConnectionFailure, UnusableDatabaseError } from './connection/connection-failure.ts'
import { checkDatabase } from './database-state.ts'

/** The migrations of this release. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url))

// Prisma's own advisory lock: only its holder migrates, this function or `prisma migrate deploy`.
const MIGRATION_LOCK = 72707369
const LOCK_TIMEOUT = '60s'
const UNDEFINED_TABLE = '42P01'
const LOCK_NOT_AVAILABLE = '55P03'

interface Migration {
  name: string
  script: string
}

interface MigrationRecord {
  migration_name: string
  checksum: string
  finished: boolean
}

/**
 * Brings the database up to the migrations in `directory` (one folder each, in the order of their names) and resolves
 * with the names of those it applied. Keeps the same records under the same lock as `prisma migrate deploy`, so the
 * two can take turns; of several processes that start at once, one migrates and the others wait for it.
 *
 * A migration and its record are one transaction: one that fails leaves nothing behind and is tried again at the next
 * start. Migrations of a newer release, already applied, are left alone: two releases may run side by side.
 *
 * Rejects when a migration fails, when an earlier attempt of Prisma's was left unresolved, when an applied migration
 * was edited since, when the lock is not to be had within a minute, when tables that we never made are there, and when
 * the database cannot be used at all (`UnusableDatabaseError`).
 */
export async function applyMigrations(options: {
  connection: Connection | { connectionString: string }
  directory: string
  log: (message: string) => void
}): Promise<string[]> {
  const { directory, log } = options
  const migrations = await readMigrations(directory)
  const config = connectionConfig(options.connection, { statement_timeout: '0' })
  const client = new PinnedClient({ ...config, application_name: 'cerberus-migrate' })
  // A connection that breaks also rejects the query under way; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect().catch((error: unknown) => {
    throw toConnectionFailure(error, config)
  })
  try {
    await checkDatabase(client)
    // PostgreSQL 17 and later: a role may limit its transactions.
    await client.query(`SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'`)
    await acquireLock(client, log)
    const recorded = await readRecords(client)
    const pending = findPending(migrations, recorded, log)
    for (const migration of pending) {
      await applyMigration(client, migration)
    }
    if (pending.length > 0) log(`Applied migrations: ${pending.length}, up to ${pending.at(-1)?.name}`)
    return pending.map(({ name }) => name)
  } finally {
    // The lock goes with the connection.
    await client.end().catch(() => undefined)
  }
}

/** The names of the migrations in a directory, in the order in which they are applied. */
export async function listMigrations(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = await listMigrations(directory)
  return Promise.all(
    names.map(async (name) => ({ name, script: await readFile(join(directory, name, 'migration.sql'), 'utf8') })),
  )
}

async function acquireLock(client: Client, log: (message: string) => void): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [MIGRATION_LOCK])
  if (rows[0]?.taken === true) return
  log('Another process is applying migrations; waiting for it')
  try {
    await client.query(`SET lock_timeout TO '${LOCK_TIMEOUT}'`)
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query('SET lock_timeout TO 0')
  } catch (error) {
    if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error
    throw new Error(`Another process has been applying migrations for more than ${LOCK_TIMEOUT}.`, { cause: error })
  }
}

async function readRecords(client: Client): Promise<MigrationRecord[]> {
  const query = `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
    FROM _prisma_migrations WHERE rolled_back_at IS NULL`
  try {
    return (await client.query<MigrationRecord>(query)).rows
  } catch (error) {
    if (codeOf(error) !== UNDEFINED_TABLE) throw error
  }
  await rejectForeignTables(client)
  await client.query(`CREATE TABLE _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`)
  return []
}

/** A database with tables of another program is more likely a mistake in DATABASE_URL than intended. */
async function rejectForeignTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class AS relation
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = relation.oid AND deptype = 'e'
    )
    ORDER BY relname LIMIT 1`)
  const [first] = rows
  if (first === undefined) return
  throw new UnusableDatabaseError(
    `The database holds tables that this server did not make, ${first.name} among them. ` +
      'Point DATABASE_URL at an empty database.',
  )
}

function findPending(
  migrations: Migration[],
  recorded: MigrationRecord[],
  log: (message: string) => void,
): Migration[] {
  const records = new Map(recorded.map((record) => [record.migration_name, record]))
  for (const { migration_name: name, finished } of recorded) {
    if (finished) continue
    throw new Error(
      `Migration ${name} was begun and did not finish. Repair the database, then mark it with ` +
        `"prisma migrate resolve --rolled-back ${name}" or "--applied ${name}".`,
    )
  }
  const known = new Set(migrations.map(({ name }) => name))
  const newer = recorded.map((record) => record.migration_name).filter((name) => !known.has(name))
  if (newer.length > 0) log(`The database has migrations that this release does not know: ${newer.sort().join(', ')}`)

  return migrations.filter(({ name, script }) => {
    const record = records.get(name)
    if (record !== undefined && !checksums(script).includes(record.checksum)) {
      throw new Error(`Migration ${name} was changed after it had been applied: its checksum is not the recorded one.`)
    }
    return record === undefined
  })
}

/** The checksum Prisma records, then those of the same script with the other line endings, which it accepts too. */
function checksums(script: string): string[] {
  const unix = script.replaceAll('\r\n', '\n')
  return [script, unix, unix.replaceAll('\n', '\r\n')].map((text) => createHash('sha256').update(text).digest('hex'))
}

async function applyMigration(client: Client, { name, script }: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name, started_at)
       VALUES (gen_random_uuid()::text, $1, $2, clock_timestamp())`,
      [checksums(script)[0], name],
    )
    await client.query(script)
    await client.query(
      `UPDATE public._prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1
       WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
      [name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new Error(`Migration ${name} failed and was undone: ${String(error)}`, { cause: error })
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}
