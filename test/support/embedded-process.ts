// A server reduced to its database, for tests that kill it: starts the embedded PostgreSQL in the directory it is
// given, then commits one row after the other and prints each number once PostgreSQL has acknowledged it. On SIGINT it
// finishes as a draining server would: it still writes, and says so, before it stops PostgreSQL.
import { Pool } from 'pg'
import { startEmbeddedPostgres } from '../../src/storage/embedded/index.ts'

const [, , dataDirectory = '', join] = process.argv
const say = (word: string, value: unknown) => process.stdout.write(`${word} ${JSON.stringify(value)}\n`)

const draining = new AbortController()
process.once('SIGINT', () => draining.abort())

try {
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    join: join === 'join',
    log: (line) => say('log', line),
  })
  const pool = new Pool({ ...postgres.connection, max: 1 })
  pool.on('error', (error) => say('lost', error.message))
  await pool.query('CREATE TABLE IF NOT EXISTS acknowledged (number bigint GENERATED ALWAYS AS IDENTITY)')
  say('ready', postgres.connection)
  while (!draining.signal.aborted) await insert()
  for (let rest = 0; rest < 200; rest += 1) await insert()
  say('drained', true)
  await pool.end()
  await postgres.stop()

  async function insert() {
    const { rows } = await pool.query<{ number: string }>('INSERT INTO acknowledged DEFAULT VALUES RETURNING number')
    say('row', Number(rows[0]?.number))
  }
} catch (error) {
  say('failed', error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
