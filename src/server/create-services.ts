import { completeSettings } from '../clients/settings/schema.ts'
import type { Config } from '../config/config.ts'
import { readOrCreateMasterKey } from '../keys/master-key.ts'
import { createSigner, type Signer } from '../keys/signer.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import { createSealer, type Sealer } from '../lib/sealer.ts'
import type { Logger } from './logger.ts'
import { connectDatabase, type Connection, type Database } from '../storage/db/database.ts'
import { startEmbeddedPostgres } from '../storage/embedded/index.ts'
import { createRepositories, type Repositories } from '../storage/repositories.ts'

/** Seconds that any token may live: the bound that client registration sets, with an hour to spare. */
const MAX_TOKEN_LIFETIME_SECONDS = 86_400 + 3_600

/** Connections beyond those of the processes that serve: the primary's own, and those of a command or a curious person. */
const SPARE_CONNECTIONS = 20
const MIN_CONNECTIONS = 100

export interface Postgres {
  connection: Connection
  stop(): Promise<void>
}

/** The PostgreSQL that is configured, or our own. A command joins the one that a running server has started. */
export async function startPostgres(config: Config, { join }: { join: boolean }): Promise<Postgres> {
  if (config.databaseUrl !== undefined) return { connection: config.databaseUrl, stop: () => Promise.resolve() }
  // Each process has its pool, and one connection more that hears of changes.
  const connections = config.workers * (config.poolSize + 1) + SPARE_CONNECTIONS
  return startEmbeddedPostgres({
    dataDirectory: config.dataDirectory,
    join,
    settings: { max_connections: String(Math.max(MIN_CONNECTIONS, connections)) },
    log: (message) => process.stderr.write(`postgres: ${message}\n`),
  })
}

/** What every process opens for itself, whatever its part: the database, and the keys that lie in it. */
export interface Services {
  clock: Clock
  database: Database
  repositories: Repositories
  sealer: Sealer
  signer: Signer
  close(): Promise<void>
}

export async function createServices(
  config: Config,
  log: Logger,
  { connection, poolSize }: { connection: Connection; poolSize: number },
): Promise<Services> {
  const database = connectDatabase({
    connection,
    poolSize,
    onError: (error) => log.warn({ err: error }, 'database connection lost'),
  })
  const repositories = await createRepositories(database, completeSettings)
  const clock = systemClock
  const [first, ...rest] = config.masterKeys
  const sealer = createSealer([first ?? (await readOrCreateMasterKey(config.dataDirectory)), ...rest])
  const signer = await createSigner({
    repository: repositories.signingKeys,
    sealer,
    clock,
    schedule: { rotateDays: config.jwksRotateDays, maxTokenLifetimeSeconds: MAX_TOKEN_LIFETIME_SECONDS },
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
