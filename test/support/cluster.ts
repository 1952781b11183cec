// A throw-away PostgreSQL for everything that stores: one cluster per run, one template database with the migrations
// in it, and a clone of that for each caller. A real server takes the cluster's place where TEST_DATABASE_URL names
// one (its role must be allowed to create databases). Test files call `createDatabase`; programs that run outside
// vitest call `startTestCluster` and use what it returns.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../src/storage/embedded/index.ts'
import { applyMigrations } from '../../src/storage/db/migrate.ts'
import { scratchDirectory } from './scratch-directory.ts'

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/** How to reach the cluster; plain strings, so that it can be handed to another process. */
export interface TestCluster {
  /** A connection string for a database that is not under test; `CREATE DATABASE` is sent there. */
  maintenance: string
  /** The name of the database that holds the migrations and nothing else. */
  template: string
}

export interface TestDatabase {
  /** Usable with `pg`, Prisma's adapter and DATABASE_URL; the host may be a socket's directory. */
  connectionString: string
  /** Drops the database, ending the connections that are still open. */
  drop(): Promise<void>
}

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: TestCluster
    /** The name of the database that holds what every app of a test starts with. */
    seeded: string
  }
}

/** A database of one's own, with the migrations applied: a clone of the template. */
export async function createDatabase(): Promise<TestDatabase> {
  const { inject } = await import('vitest')
  return cloneDatabase(inject('cluster'), inject('cluster').template)
}

/** A database of one's own with the organisation, its owner and the keys of `seed.ts` in it. */
export async function createSeededDatabase(): Promise<TestDatabase> {
  const { inject } = await import('vitest')
  return cloneDatabase(inject('cluster'), inject('seeded'))
}

/** A database of one's own with nothing in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const { inject } = await import('vitest')
  return cloneDatabase(inject('cluster'), 'template0')
}

/** Starts the cluster and makes its template. `stop` removes every trace, or only the template on a real server. */
export async function startTestCluster(settings: Readonly<Record<string, string>> = {}): Promise<{
  cluster: TestCluster
  createDatabase: () => Promise<TestDatabase>
  stop: () => Promise<void>
}> {
  const server = await startServer(settings)
  const template = await cloneDatabase({ maintenance: server.url, template: 'template0' }, 'template0')
  await applyMigrations({
    connection: { connectionString: template.connectionString },
    directory: MIGRATIONS,
    log: () => undefined,
  })
  const cluster = { maintenance: server.url, template: nameOf(template.connectionString) }
  return {
    cluster,
    createDatabase: () => cloneDatabase(cluster, cluster.template),
    stop: async () => {
      await template.drop()
      await server.stop()
    },
  }
}

async function startServer(
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() }

  const directory = await mkdtemp(join(scratchDirectory(), 'cerberus-test-'))
  // When root runs the tests, PostgreSQL's account must get through to the data; the data itself stays closed.
  await chmod(directory, 0o755)
  const postgres = await startEmbeddedPostgres({
    dataDirectory: directory,
    log: (message) => console.error(message),
    settings: { max_connections: '200', ...settings },
  })
  const { host, user, password, database } = postgres.connection
  return {
    url: `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`,
    stop: async () => {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function cloneDatabase({ maintenance }: TestCluster, template: string): Promise<TestDatabase> {
  const name = `cerberus_test_${randomBytes(8).toString('hex')}`
  await execute(maintenance, `CREATE DATABASE ${name} TEMPLATE ${template} ENCODING 'UTF8'`)
  const url = new URL(maintenance)
  url.pathname = `/${name}`
  return {
    connectionString: url.href,
    drop: () => execute(maintenance, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

function nameOf(connectionString: string): string {
  return new URL(connectionString).pathname.slice(1)
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
