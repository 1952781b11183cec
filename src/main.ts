// The process: read the configuration, bring up the database, and take the part that the configuration and the command
// line give it.

import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { serveAlone } from './alone.ts'
import { ConfigurationError, readConfig, type Config } from './config/config.ts'
import { createLogger, type Logger } from './logger.ts'
import { leadWorkers } from './primary.ts'
import { StartFailure } from './serve.ts'
import { bringUpPostgres, openServices, type Postgres } from './services.ts'
import { connectionSettings } from './storage/database.ts'
import { applyMigrations } from './storage/migrate.ts'
import { serveAsWorker } from './worker.ts'

const PROGRAM = fileURLToPath(import.meta.url)
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

async function main(): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.log)
  if (cluster.isWorker) return serveAsWorker(config, log)

  const rotating = process.argv[2] === 'rotate-keys'
  const postgres = await bringUpPostgres(config, { join: rotating })
  await applyMigrations({
    connection: connectionSettings(postgres.connection),
    directory: MIGRATIONS,
    log: (message) => log.info(message),
  })
  if (rotating) return rotateKeys(config, log, postgres)
  if (config.workers > 1) return leadWorkers(config, log, { postgres, program: PROGRAM })
  return serveAlone(config, log, postgres)
}

async function rotateKeys(config: Config, log: Logger, postgres: Postgres): Promise<void> {
  const services = await openServices(config, log, { connection: postgres.connection, poolSize: config.poolSize })
  await services.signer.rotate()
  process.stdout.write(
    'The next signing keys are in use, or will be as soon as every verifier can know them (five minutes); the old ones stay published until their last token has expired.\n',
  )
  await services.close()
  await postgres.stop()
}

try {
  await main()
} catch (error) {
  const known = error instanceof ConfigurationError || error instanceof StartFailure
  process.stderr.write(`${known || !(error instanceof Error) ? describe(error) : (error.stack ?? error.message)}\n`)
  process.exit(1)
}

function describe(error: unknown): string {
  return error instanceof StartFailure ? error.message : String(error)
}
