// The process: read the configuration, bring up the database, and take the part that the configuration and the command
// line give it.

import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { serveAlone } from './alone.ts'
import { ConfigurationError, readConfig } from './config/config.ts'
import { createLogger } from './logger.ts'
import { leadWorkers } from './primary.ts'
import { readRotation, rotateKeys } from './rotate-keys.ts'
import { StartFailure } from './serve.ts'
import { bringUpPostgres } from './services.ts'
import { connectionSettings } from './storage/database.ts'
import { applyMigrations } from './storage/migrate.ts'
import { serveAsWorker } from './worker.ts'

const PROGRAM = fileURLToPath(import.meta.url)
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

async function main(): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.log)
  if (cluster.isWorker) return serveAsWorker(config, log)

  const rotation = process.argv[2] === 'rotate-keys' ? readRotation(process.argv.slice(3)) : undefined
  const postgres = await bringUpPostgres(config, { join: rotation !== undefined })
  await applyMigrations({
    connection: connectionSettings(postgres.connection),
    directory: MIGRATIONS,
    log: (message) => log.info(message),
  })
  if (rotation) return rotateKeys(rotation, config, log, postgres)
  if (config.workers > 1) return leadWorkers(config, log, { postgres, program: PROGRAM })
  return serveAlone(config, log, postgres)
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
