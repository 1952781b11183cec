// `server` owns the process: start, workers, listening, scheduled jobs and shutdown. This file reads the configuration,
// starts or joins PostgreSQL, applies migrations, and runs the server or a command.
// Composing the app from its rooms belongs to `app.ts`.

import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { runSingleProcess } from './single-process.ts'
import { HELP, parseCommandLine } from './commands/command-line.ts'
import { isVerbose, misspeltVariables, readConfig } from '../config/config.ts'
import { createLogger } from './logger.ts'
import { runClusterPrimary } from './cluster/cluster-primary.ts'
import { runOwnerReset } from './commands/reset-owner.ts'
import { rotateKeys } from './commands/rotate-keys.ts'
import { describeStartupFailure } from './startup/startup-failure.ts'
import { startPostgres } from './create-services.ts'
import { applyMigrations, MIGRATIONS_DIRECTORY } from '../storage/db/migrate.ts'
import { runClusterWorker } from './cluster/cluster-worker.ts'

const ENTRY_FILE = fileURLToPath(import.meta.url)

async function main(): Promise<void> {
  if (cluster.isWorker) {
    const config = readConfig()
    return runClusterWorker(config, createLogger(config.log, config))
  }
  const command = parseCommandLine(process.argv.slice(2))
  if (command.name === 'help') return void process.stdout.write(HELP)
  const config = readConfig()
  const log = createLogger(config.log, config)
  for (const { name, suggestion } of misspeltVariables()) {
    log.warn({ variable: name, suggestion }, 'environment variable is not a setting')
  }
  const postgres = await startPostgres(config, { join: command.name !== 'serve' })
  await applyMigrations({
    connection: postgres.connection,
    directory: MIGRATIONS_DIRECTORY,
    log: (message) => log.info(message),
  })
  if (command.name === 'owner-reset') return runOwnerReset(command, log, postgres)
  if (command.name === 'rotate-keys') return rotateKeys(command.rotation, config, log, postgres)
  if (config.workers > 1) return runClusterPrimary(config, log, { postgres, program: ENTRY_FILE })
  return runSingleProcess(config, log, postgres)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${describeStartupFailure(error, { verbose: isVerbose() })}\n`)
  process.exit(1)
}
