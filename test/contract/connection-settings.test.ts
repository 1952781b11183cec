// What a connection could inherit: settings of the role and the database, and variables of libpq.
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectDatabase } from '../../src/storage/db/database.ts'
import { checkDatabase, createDatabaseCheck } from '../../src/storage/db/database-state.ts'
import { applyMigrations, listMigrations, MIGRATIONS_DIRECTORY } from '../../src/storage/db/migrate.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { createEmptyDatabase, createSeededDatabase, type TestDatabase } from '../support/cluster.ts'
import { query } from '../support/embedded.ts'
import { relyingParty } from '../support/relying-party.ts'

/** Settings that a role or a database may have, each of which changes what statements mean or whether they run. */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: 'nowhere',
  DateStyle: "'SQL, DMY'",
  IntervalStyle: 'iso_8601',
  TimeZone: "'Pacific/Chatham'",
  bytea_output: 'escape',
  extra_float_digits: '-15',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  gin_fuzzy_search_limit: '1',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  exit_on_error: 'on',
  statement_timeout: '1',
  lock_timeout: '1',
  idle_session_timeout: '1',
  idle_in_transaction_session_timeout: '1',
  client_encoding: 'LATIN1',
  plan_cache_mode: 'force_custom_plan',
  enable_indexscan: 'off',
  enable_nestloop: 'off',
}

/** Settings of a role in a database outrank those of either. */
async function inherit({ connectionString }: TestDatabase): Promise<void> {
  const { pathname, username } = new URL(connectionString)
  const statements = Object.entries(SETTINGS).map(
    ([name, value]) => `ALTER ROLE ${username} IN DATABASE ${pathname.slice(1)} SET ${name} TO ${value}`,
  )
  await query({ connectionString }, statements.join('; '))
}

const migrate = (connectionString: string, log: string[] = []) =>
  applyMigrations({
    connection: { connectionString },
    directory: MIGRATIONS_DIRECTORY,
    log: (line) => log.push(line),
  })

let databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})
const emptyDatabase = async () => {
  const database = await createEmptyDatabase()
  databases.push(database)
  return database
}

describe('settings of the role and the database', () => {
  let database: TestDatabase
  let test: TestApp
  beforeAll(async () => {
    database = await createSeededDatabase()
    await inherit(database)
    test = await createTestApp({ connectionString: database.connectionString })
  })
  afterAll(async () => {
    await test.close()
    await database.drop()
  })

  it('leave migrations as they are, the first time and when they were applied before', async () => {
    const own = await emptyDatabase()
    await inherit(own)
    const log: string[] = []
    const applied = await migrate(own.connectionString, log)
    expect(applied).toEqual(await listMigrations(MIGRATIONS_DIRECTORY))
    expect(log).toEqual([`Applied migrations: ${applied.length}, up to ${applied.at(-1)}`])
    expect(await migrate(own.connectionString)).toEqual([])
  })

  it('hold on no connection of either pool', async () => {
    // Those of the planner are set for the hot pool only.
    const names = Object.keys(SETTINGS).filter((name) => !/^enable_|^plan_cache_mode$/.test(name))
    for (const pool of [test.database.pool, test.database.hotPool]) {
      const { rows } = await pool.query<{ name: string; value: string }>(
        'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS names(name)',
        [names],
      )
      const inherited = rows.filter(({ name, value }) => {
        const given = SETTINGS[name]?.replaceAll("'", '')
        return value === given || value === `${given}ms`
      })
      expect([rows.length, inherited]).toEqual([names.length, []])
    }
  })

  it('leave the server ready, and a user can sign in and be remembered', async () => {
    expect((await test.app.inject('/health/ready')).json()).toMatchObject({ status: 'ok' })
    const party = relyingParty(test, await test.registerClient())
    const tokens = await party.tokens()
    const refreshed = await party.refresh(tokens.refresh_token)
    expect(refreshed.json()).toMatchObject({ token_type: 'Bearer', scope: tokens.scope })
    const userinfo = await test.app.inject({
      url: '/oauth2/userinfo',
      headers: { authorization: `Bearer ${tokens.access_token}` },
    })
    expect(userinfo.json()).toMatchObject({ email: 'owner@acme.test' })
  })

  it('leave dates, lists and changes of the administration as they are', async () => {
    const client = await test.registerClient({
      name: 'Ünïcode 漢字',
      redirectUris: ['https://a.test/1', 'https://a.test/2'],
    })
    const headers = { cookie: await test.signIn(), 'x-org-domain': 'acme' }
    const url = `/v1/admin/clients/${client.id}`
    const changed = await test.app.inject({ method: 'PATCH', url, headers, payload: { description: 'null' } })
    expect(changed.json()).toMatchObject({
      name: 'Ünïcode 漢字',
      createdAt: client['createdAt'],
      description: 'null',
    })
    const found = await test.app.inject({ url: `/v1/admin/clients?search=${encodeURIComponent('漢字')}`, headers })
    expect(found.json<{ data: { id: string }[] }>().data.map(({ id }) => id)).toEqual([client.id])
  })
})

describe('variables of libpq', () => {
  const variables = {
    PGHOST: 'nowhere.invalid',
    PGPORT: '1',
    PGUSER: 'mallory',
    PGPASSWORD: 'wrong',
    PGDATABASE: 'nowhere',
    PGSSLMODE: 'verify-full',
    PGSSLNEGOTIATION: 'direct',
    PGOPTIONS: '-c search_path=nowhere',
    PGREPLICATION: 'database',
    PGAPPNAME: 'another',
    PGBINARY: '1',
    PGCLIENT_ENCODING: 'LATIN1',
    PGCONNECT_TIMEOUT: '1',
  }
  afterEach(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })

  it('have no effect on any connection', async () => {
    const { connectionString } = await emptyDatabase()
    Object.assign(process.env, variables)
    expect(await migrate(connectionString)).not.toEqual([])
    const database = connectDatabase({ connection: connectionString, poolSize: 2, onError: () => {} })
    const state = `SELECT current_setting('search_path') AS path, current_setting('application_name') AS name`
    for (const pool of [database.hotPool, database.pool]) {
      expect((await pool.query(state)).rows).toEqual([{ path: 'public', name: 'cerberus' }])
    }
    await database.close()
  })
})

describe('options in DATABASE_URL', () => {
  it('are added to those of the server', async () => {
    const { connectionString } = await emptyDatabase()
    const url = new URL(connectionString)
    url.searchParams.set('options', '-c work_mem=5MB -c search_path=nowhere')
    url.searchParams.set('application_name', 'cerberus-eu')
    const database = connectDatabase({ connection: url.href, poolSize: 2, onError: () => {} })
    const { rows } = await database.hotPool.query(`
      SELECT current_setting('work_mem') AS memory, current_setting('search_path') AS path,
        current_setting('jit') AS jit, current_setting('application_name') AS name`)
    expect(rows).toEqual([{ memory: '5MB', path: 'public', jit: 'off', name: 'cerberus-eu' }])
    await database.close()
  })
})

describe('a database that cannot be used', () => {
  it.each([
    ['a host that does not exist', { host: 'nowhere.invalid' }, /nowhere\.invalid.* name .*DATABASE_URL/],
    ['a port where nothing listens', { host: '127.0.0.1:1' }, /127\.0\.0\.1, port 1, .*nothing listens there/],
  ])('%s: the error says where and why', async (_, { host }, expected) => {
    await expect(migrate(`postgresql://me:secret@${host}/mine`)).rejects.toThrow(expected)
    await expect(migrate(`postgresql://me:secret@${host}/mine`)).rejects.not.toThrow(/secret/)
  })

  it('a database that does not exist, a wrong password', async () => {
    const url = new URL((await emptyDatabase()).connectionString)
    url.pathname = '/missing'
    await expect(migrate(url.href)).rejects.toThrow(/database missing: this database does not exist/)
    url.password = 'wrong'
    await expect(migrate(url.href)).rejects.toThrow(/the password is wrong/)
  })

  it('an encoding other than UTF-8: nothing is made in it', async () => {
    const { connectionString } = await emptyDatabase()
    const url = new URL(connectionString)
    url.pathname = `${url.pathname}_latin`
    const name = url.pathname.slice(1)
    await query({ connectionString }, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`)
    databases.push({
      connectionString: url.href,
      drop: async () => void (await query({ connectionString: inMaintenance(url) }, `DROP DATABASE ${name}`)),
    })
    databases.reverse()
    await expect(migrate(url.href)).rejects.toThrow(new RegExp(`${name} has the encoding LATIN1.*ENCODING 'UTF8'`))
    expect(
      await query({ connectionString: url.href }, `SELECT relname FROM pg_class WHERE relname ~ 'prisma'`),
    ).toEqual([])
  })

  it.each([
    ['default_transaction_read_only=on', /is read-only/],
    ['session_replication_role=replica', /triggers of the tables do not run/],
  ])('%s', async (option, expected) => {
    const client = new Client({ connectionString: (await emptyDatabase()).connectionString, options: `-c ${option}` })
    await client.connect()
    await expect(checkDatabase(client)).rejects.toThrow(expected)
    await client.end()
  })
})

describe('readiness', () => {
  const pools: Pool[] = []
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.end()
  })
  const open = (connectionString: string, options?: string) => {
    const pool = new Pool({ connectionString, max: 1, ...(options !== undefined && { options }) })
    pools.push(pool)
    return pool
  }
  const seeded = async () => {
    const database = await createSeededDatabase()
    databases.push(database)
    return database.connectionString
  }
  const migrations = () => listMigrations(MIGRATIONS_DIRECTORY)

  it('needs the migrations of this release; those of a newer one do no harm', async () => {
    const pool = open(await seeded())
    const check = createDatabaseCheck(pool, await migrations())
    expect(await check()).toBeUndefined()
    await pool.query(`UPDATE _prisma_migrations SET migration_name = '2999' WHERE migration_name = $1`, [
      (await migrations()).at(-1),
    ])
    expect(await check()).toBe('not_migrated')
    expect(await createDatabaseCheck(pool, (await migrations()).slice(0, -1))()).toBeUndefined()
  })

  it('needs a database that has an organisation and accepts writes', async () => {
    const empty = await emptyDatabase()
    expect(await createDatabaseCheck(open(empty.connectionString), [])()).toBe('not_migrated')
    await migrate(empty.connectionString)
    expect(await createDatabaseCheck(open(empty.connectionString), [])()).toBe('empty')
    const readOnly = open(await seeded(), '-c default_transaction_read_only=on')
    expect(await createDatabaseCheck(readOnly, [])()).toBe('read_only')
  })

  it('fails when the connection leads to another database, and is back with the first', async () => {
    const [first, other] = [open(await seeded()), open(await seeded())]
    await other.query('SET session_replication_role TO replica')
    await other.query(`UPDATE organisations SET id = gen_random_uuid()`)
    let current = first
    const check = createDatabaseCheck({ query: ((text: string) => current.query(text)) as Pool['query'] }, [])
    expect(await check()).toBeUndefined()
    current = other
    expect(await check()).toBe('another_database')
    current = first
    expect(await check()).toBeUndefined()
  })
})

function inMaintenance(url: URL): string {
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  return maintenance.href
}
