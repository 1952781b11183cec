import { completeSettings } from '../clients/settings/schema.ts'
import type { Config } from '../config/config.ts'
import { readOrCreateMasterKey } from '../keys/master-key.ts'
import { createSigner, type Signer } from '../keys/signer.ts'
import type { DatabaseClock } from '../lib/time/database-clock.ts'
import { createSealer, type Sealer } from '../lib/crypto/sealer.ts'
import type { Logger } from './logger.ts'
import { openClock } from './startup/open-clock.ts'
import type { Connection } from '../storage/db/connection/connection.ts'
import { connectDatabase, type Database } from '../storage/db/database.ts'
import { startEmbeddedPostgres } from '../storage/embedded/index.ts'
import { createRepositories, type Repositories } from '../storage/repositories.ts'

/** The longest lifetime that a client may set, and one hour. */
const MAX_TOKEN_LIFETIME_SECONDS = 86_400 + 3_600

/** Connections for the primary process, for commands, and for `psql`. */
const SPARE_CONNECTIONS = 20
const MIN_CONNECTIONS = 100

export interface Postgres {
  connection: Connection
  stop(): Promise<void>
}

/** The configured PostgreSQL, or the embedded one. With `join`, a command uses the one that a running server started. */
export async function startPostgres(config: Config, { join }: { join: boolean }): Promise<Postgres> {
  if (config.databaseUrl !== undefined) return { connection: config.databaseUrl, stop: () => Promise.resolve() }
  // Each process has its pool, and one connection that polls for changes.
  const connections = config.workers * (config.poolSize + 1) + SPARE_CONNECTIONS
  return startEmbeddedPostgres({
    dataDirectory: config.dataDirectory,
    join,
    settings: { max_connections: String(Math.max(MIN_CONNECTIONS, connections)) },
    log: (message) => process.stderr.write(`postgres: ${message}\n`),
  })
}

/** What every process opens: the database and the keys stored in it. */
export interface Services {
  /** The database's clock. */
  clock: DatabaseClock
  database: Database
  repositories: Repositories
  sealer: Sealer
  signer: Signer
  close(): Promise<void>
}

/** Throws `StartupError` when the machine's clock is too far from the database's. */
export async function createServices(
  config: Config,
  log: Logger,
  { connection, poolSize }: { connection: Connection; poolSize: number },
): Promise<Services> {
  const database = connectDatabase({
    connection,
    poolSize,
    statementTimeoutMs: config.statementTimeoutMs,
    onError: (error) => log.warn({ err: error }, 'database connection lost'),
  })
  const clock = await openClock(database, log)
  const repositories = await createRepositories(database, completeSettings, clock.observe)
  const [first, ...rest] = config.masterKeys
  const sealer = createSealer([
    first ?? (await readOrCreateMasterKey(config.dataDirectory, repositories.bootstrap.isInUse)),
    ...rest,
  ])
  const signer = await createSigner({
    repository: repositories.signingKeys,
    sealer,
    clock,
    schedule: { rotateDays: config.jwksRotateDays, maxTokenLifetimeSeconds: MAX_TOKEN_LIFETIME_SECONDS },
    onUnreadableKey: (key) => log.error(key, 'signing key cannot be read and is replaced'),
  })
  repositories.onKeysChanged(
    () => void signer.reload().catch((error: unknown) => log.warn({ err: error }, 'failed to reload signing keys')),
  )
  return {
    clock,
    database,
    repositories,
    sealer,
    signer,
    async close() {
      await repositories.close()
      await database.close()
    },
  }
}
