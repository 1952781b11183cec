// `server` owns the process: start, workers, listening, scheduled jobs and shutdown. This file reads the configuration,
// starts or joins PostgreSQL, applies migrations, and runs the server or a command.
// Composing the app from its rooms belongs to `app.ts`.

import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { runSingleProcess } from './single-process.ts'
import { ConfigurationError, readConfig } from '../config/config.ts'
import { createLogger } from './logger.ts'
import { runClusterPrimary } from './cluster-primary.ts'
import { parseRotationArguments, rotateKeys } from './rotate-keys.ts'
import { StartupError } from './startup-error.ts'
import { startPostgres } from './create-services.ts'
import { applyMigrations, MIGRATIONS_DIRECTORY } from '../storage/db/migrate.ts'
import { runClusterWorker } from './cluster-worker.ts'

const ENTRY_FILE = fileURLToPath(import.meta.url)

async function main(): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.log)
  if (cluster.isWorker) return runClusterWorker(config, log)

  const rotationRequest = process.argv[2] === 'rotate-keys' ? parseRotationArguments(process.argv.slice(3)) : undefined
  const postgres = await startPostgres(config, { join: rotationRequest !== undefined })
  await applyMigrations({
    connection: postgres.connection,
    directory: MIGRATIONS_DIRECTORY,
    log: (message) => log.info(message),
  })
  if (rotationRequest) return rotateKeys(rotationRequest, config, log, postgres)
  if (config.workers > 1) return runClusterPrimary(config, log, { postgres, program: ENTRY_FILE })
  return runSingleProcess(config, log, postgres)
}

try {
  await main()
} catch (error) {
  const known = error instanceof ConfigurationError || error instanceof StartupError
  process.stderr.write(`${known || !(error instanceof Error) ? describe(error) : (error.stack ?? error.message)}\n`)
  process.exit(1)
}

function describe(error: unknown): string {
  return error instanceof StartupError ? error.message : String(error)
}
