import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyMigrations } from '../../src/storage/db/migrate.ts'
import { createEmptyDatabase, MIGRATIONS, type TestDatabase } from '../support/cluster.ts'
import { query } from '../support/embedded.ts'

let database: TestDatabase
let client: Client
let directory: string
let log: string[]

beforeEach(async () => {
  database = await createEmptyDatabase()
  client = new Client({ connectionString: database.connectionString })
  client.on('error', () => undefined)
  await client.connect()
  directory = await mkdtemp(join(tmpdir(), 'cerberus-migrations-'))
  log = []
})

afterEach(async () => {
  await client.end()
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

function migrate(from = directory): Promise<string[]> {
  return applyMigrations({
    connection: { connectionString: database.connectionString },
    directory: from,
    log: (line) => log.push(line),
  })
}

async function write(name: string, script: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true })
  await writeFile(join(directory, name, 'migration.sql'), script)
}

/** The row that Prisma leaves while a migration runs, and for good when it fails. */
function insertBegun(name: string) {
  return client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
     VALUES (gen_random_uuid()::text, repeat('0', 64), $1, now())`,
    [name],
  )
}

async function tables(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    { connectionString: database.connectionString },
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

describe('the records of applied migrations', () => {
  it('have the columns and the content that `prisma migrate deploy` gives them', async () => {
    const names = await migrate(MIGRATIONS)
    const columns = await client.query(
      `SELECT column_name, data_type, character_maximum_length AS length, is_nullable, column_default
       FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
    )
    const column = (column_name: string, data_type: string, is_nullable: string, rest: object = {}) => {
      return { column_name, data_type, length: null, is_nullable, column_default: null, ...rest }
    }
    expect(columns.rows).toEqual([
      column('id', 'character varying', 'NO', { length: 36 }),
      column('checksum', 'character varying', 'NO', { length: 64 }),
      column('finished_at', 'timestamp with time zone', 'YES'),
      column('migration_name', 'character varying', 'NO', { length: 255 }),
      column('logs', 'text', 'YES'),
      column('rolled_back_at', 'timestamp with time zone', 'YES'),
      column('started_at', 'timestamp with time zone', 'NO', { column_default: 'now()' }),
      column('applied_steps_count', 'integer', 'NO', { column_default: '0' }),
    ])

    const { rows } = await client.query('SELECT * FROM _prisma_migrations ORDER BY migration_name')
    const expected = names.map(async (name) => ({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      checksum: createHash('sha256')
        .update(await readFile(join(MIGRATIONS, name, 'migration.sql')))
        .digest('hex'),
      finished_at: expect.any(Date),
      migration_name: name,
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      applied_steps_count: 1,
    }))
    expect(names).toEqual((await readdir(MIGRATIONS)).filter((name) => !name.endsWith('.toml')).sort())
    expect(rows).toEqual(await Promise.all(expected))
  })

  it('keep a migration from being applied a second time', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    expect(await migrate()).toEqual(['1_first'])
    await write('2_second', 'CREATE TABLE second (id int);\nINSERT INTO second VALUES (1);')
    expect(await migrate()).toEqual(['2_second'])
    expect(await migrate()).toEqual([])
    expect(await tables()).toEqual(['_prisma_migrations', 'first', 'second'])
  })

  it('that are marked as rolled back do not count', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await migrate()
    await client.query('UPDATE _prisma_migrations SET rolled_back_at = now(); DROP TABLE first')
    expect(await migrate()).toEqual(['1_first'])
  })
})

describe('several processes that start at once on an empty database', () => {
  it('migrate it exactly once, and none returns before it is done', async () => {
    await cp(MIGRATIONS, directory, { recursive: true })
    await write('99999999999999_slow', 'SELECT pg_sleep(0.3); CREATE TABLE last_of_all (id int);')
    const results = await Promise.all(
      Array.from({ length: 6 }, async () => ({ applied: await migrate(), present: await tables() })),
    )
    const all = (await readdir(directory)).filter((name) => !name.endsWith('.toml')).sort()
    expect(results.map(({ applied }) => applied).filter((applied) => applied.length > 0)).toEqual([all])
    for (const { present } of results) expect(present).toContain('last_of_all')
    const { rows } = await client.query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations')
    expect(rows.map((row) => row.migration_name).sort()).toEqual(all)
  })

  it('wait for the lock of `prisma migrate deploy`', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await client.query('SELECT pg_advisory_lock(72707369)')
    const waiting = migrate()
    const blocked = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369 AND NOT granted`
    while ((await client.query(blocked)).rowCount === 0);
    expect(await tables()).toEqual([])
    await client.query('SELECT pg_advisory_unlock(72707369)')
    expect(await waiting).toEqual(['1_first'])
  })
})

describe('a migration that fails', () => {
  it('leaves nothing behind, names itself, and is tried again', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await write('2_second', 'CREATE TABLE second (id int);\nSELECT 1/0;')
    await expect(migrate()).rejects.toThrow(/^Migration 2_second failed and was undone: .*division by zero/)
    expect(await tables()).toEqual(['_prisma_migrations', 'first'])

    await write('2_second', 'CREATE TABLE second (id int);')
    expect(await migrate()).toEqual(['2_second'])
  })

  it('under Prisma, and is left unresolved, stops every later start', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await migrate()
    await insertBegun('2_second')
    await write('2_second', 'CREATE TABLE second (id int);')
    await expect(migrate()).rejects.toThrow(/^Migration 2_second was begun and did not finish\./)
    expect(await tables()).toEqual(['_prisma_migrations', 'first'])
  })
})

describe('an applied migration', () => {
  it('that was edited since is refused', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await migrate()
    await write('1_first', 'CREATE TABLE first (id bigint);')
    await write('2_second', 'CREATE TABLE second (id int);')
    await expect(migrate()).rejects.toThrow(/^Migration 1_first was changed after it had been applied/)
    expect(await tables()).toEqual(['_prisma_migrations', 'first'])
  })

  it('that was checked out with other line endings is the same', async () => {
    await write('1_first', 'CREATE TABLE first (\n  id int\n);\n')
    await migrate()
    await write('1_first', 'CREATE TABLE first (\r\n  id int\r\n);\r\n')
    expect(await migrate()).toEqual([])
  })

  it('of a newer release is left alone and mentioned', async () => {
    await write('1_first', 'CREATE TABLE first (id int);')
    await write('2_second', 'CREATE TABLE second (id int);')
    await migrate()
    await rm(join(directory, '2_second'), { recursive: true })
    expect(await migrate()).toEqual([])
    expect(log.at(-1)).toBe('The database has migrations that this release does not know: 2_second')
  })
})

describe('a database with tables of another application', () => {
  it('is not touched', async () => {
    await client.query('CREATE TABLE invoices (id int)')
    await write('1_first', 'CREATE TABLE first (id int);')
    await expect(migrate()).rejects.toThrow(/tables that this server did not make, invoices among them/)
    expect(await tables()).toEqual(['invoices'])
  })
})
