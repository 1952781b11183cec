// The process: read the configuration, bring up the database, build the app, listen; and take all of that down again in
// the right order.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createPasswords } from './accounts/passwords.ts'
import { buildApp } from './app.ts'
import { ConfigurationError, readConfig, type Config } from './config/config.ts'
import { ensureFirstOrganisation } from './directory/first-organisation.ts'
import { createOutbound, documentsBy } from './http/outbound.ts'
import { createMetrics } from './http/metrics.ts'
import { createClientKeys } from './keys/client-keys.ts'
import { keptMasterKey } from './keys/master-key.ts'
import { openServerSecret } from './keys/server-secret.ts'
import { createSigner } from './keys/signer.ts'
import { systemClock } from './lib/clock.ts'
import { createSealer, deriveKey } from './lib/secret.ts'
import { createLogger } from './logger.ts'
import { connectDatabase, connectionSettings, type Connection } from './storage/database.ts'
import { startEmbeddedPostgres } from './storage/embedded/index.ts'
import { isUnavailable } from './storage/failure.ts'
import { applyMigrations } from './storage/migrate.ts'
import { createRepositories } from './storage/repositories.ts'
import { createRefreshTokenCodec } from './tokens/refresh-token.ts'
import { announce } from './announce.ts'
import { drainOnSignals } from './drain.ts'

/** Seconds that any token may live: the bound that client registration sets, with an hour to spare. */
const LONGEST_TOKEN_LIFETIME = 86_400 + 3_600
const KEY_MAINTENANCE_MS = 600_000
const SWEEP_MS = 60_000
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

async function main(): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.log)
  const rotating = process.argv[2] === 'rotate-keys'

  const postgres = await bringUpDatabase(config, rotating)
  await applyMigrations({
    connection: connectionSettings(postgres.connection),
    directory: MIGRATIONS,
    log: (message) => log.info(message),
  })
  const database = connectDatabase({
    connection: postgres.connection,
    poolSize: config.poolSize,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  })
  const repositories = await createRepositories(database)
  const closeDatabase = async () => {
    await repositories.close()
    await database.close()
    await postgres.stop()
  }

  const clock = systemClock
  const [first, ...rest] = config.masterKeys
  const sealer = createSealer([first ?? (await keptMasterKey(config.dataDirectory)), ...rest])
  const signer = await createSigner({
    repository: repositories.signingKeys,
    sealer,
    clock,
    schedule: { rotateDays: config.jwksRotateDays, longestTokenLifetime: LONGEST_TOKEN_LIFETIME },
  })
  if (rotating) {
    await signer.rotate()
    process.stdout.write(
      'The next signing keys are in use, or will be as soon as every verifier can know them (five minutes); the old ones stay published until their last token has expired.\n',
    )
    return closeDatabase()
  }
  repositories.onKeysChanged(
    () => void signer.reload().catch((error: unknown) => log.warn({ err: error }, 'reload of keys failed')),
  )

  const secret = await openServerSecret(repositories.serverSecrets, sealer, clock)
  const passwords = createPasswords(availableParallelism())
  const made = await ensureFirstOrganisation({
    repository: repositories.directorySeed,
    clock,
    hashPassword: passwords.hash,
    settings: config.firstOrganisation,
  })

  const metrics = createMetrics({
    statements: database.statementCount,
    waiting: () => database.pool.waitingCount,
  })
  const exposition = config.metricsPort > 0 ? metrics.exposition() : undefined
  await exposition?.listen({ port: config.metricsPort, host: config.host })

  const { allow, authoritiesFile } = config.outbound
  const fetchDocument = documentsBy(
    createOutbound({ allow, authorities: authoritiesFile && readFileSync(authoritiesFile, 'utf8') }),
  )
  const drain = drainOnSignals(config.shutdown, log)
  const app = await buildApp({
    config,
    clock,
    repositories,
    signer,
    clientKeys: createClientKeys({ clock, fetchDocument }),
    fetchDocument,
    passwords,
    isUnavailable,
    logger: log,
    codec: createRefreshTokenCodec(deriveKey(secret, 'refresh tokens')),
    formKey: deriveKey(secret, 'form tokens'),
    pingDatabase: () => database.pool.query('SELECT 1'),
    isDraining: drain.isDraining,
    metrics,
  })
  const every = (ms: number, what: string, work: () => Promise<void>) =>
    setInterval(() => void work().catch((error: unknown) => log.error({ err: error }, `${what} failed`)), ms)
  const chores = [
    every(KEY_MAINTENANCE_MS, 'key maintenance', () => signer.maintain()),
    every(SWEEP_MS, 'sweeping', () => repositories.sweep(clock.now())),
  ]
  drain.attach(app, async () => {
    for (const chore of chores) clearInterval(chore)
    await exposition?.close()
    await closeDatabase()
  })

  await app.listen({ port: config.port, host: config.host })
  announce(config, made)
}

/** The PostgreSQL that is configured, or our own. A command joins the one that a running server has started. */
async function bringUpDatabase(
  config: Config,
  join: boolean,
): Promise<{ connection: Connection; stop: () => Promise<void> }> {
  if (config.databaseUrl !== undefined) return { connection: config.databaseUrl, stop: () => Promise.resolve() }
  return startEmbeddedPostgres({
    dataDirectory: config.dataDirectory,
    join,
    log: (message) => process.stderr.write(`postgres: ${message}\n`),
  })
}

try {
  await main()
} catch (error) {
  const known = error instanceof ConfigurationError
  process.stderr.write(`${known || !(error instanceof Error) ? String(error) : (error.stack ?? error.message)}\n`)
  process.exit(1)
}
