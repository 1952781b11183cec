import { Client } from 'pg'

/** A connection to the PostgreSQL under test, outside of the measured databases. */
export async function openObserver(maintenance) {
  const client = new Client({ connectionString: maintenance })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  const one = async (text, values) => (await client.query(text, values)).rows[0].value
  return {
    version: () =>
      one('SHOW server_version AS value').catch(() => one("SELECT current_setting('server_version') AS value")),
    /** Process id of our backend; its parent is the postmaster. */
    backend: () => one('SELECT pg_backend_pid() AS value'),
    settings: async () =>
      Object.fromEntries(
        (
          await client.query(
            `SELECT name, current_setting(name) AS value FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'shared_buffers', 'full_page_writes') ORDER BY name`,
          )
        ).rows.map(({ name, value }) => [name, value]),
      ),
    /** Number of statements that a database has executed. */
    statements: async (database) =>
      Number(
        await one(
          `SELECT coalesce(sum(s.calls), 0) AS value FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
           WHERE d.datname = $1 AND s.toplevel`,
          [database],
        ),
      ),
    bytes: async (database) => Number(await one('SELECT pg_database_size($1) AS value', [database])),
    checkpoint: () => client.query('CHECKPOINT'),
    close: () => client.end(),
  }
}

/** Updates the planner statistics of a database. */
export async function analyze(databaseUrl) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('VACUUM ANALYZE')
  await client.end()
}
