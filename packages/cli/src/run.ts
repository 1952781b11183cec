// The `cerberus` command: what administrators type and scripts call. It knows a server by its HTTP interface and its
// OpenAPI document (`/openapi.json`) alone, and shares no code with it.

import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { exitCodes, toFailure } from './failure.ts'
import { log } from './output/log.ts'
import { createProgram } from './program.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Writes an error to standard error and returns the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version have been written already.
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      log(`cerberus: ${error.message.replace(/^error: /, '')}`)
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  const { message, details, reason } = toFailure(error)
  log(`cerberus: ${message}`)
  for (const detail of details) log(`  ${detail}`)
  return exitCodes[reason]
}

// The reader of a pipe may close it before everything is written.
process.stdout.on('error', () => process.exit())

try {
  await createProgram(version).parseAsync()
} catch (error) {
  process.exitCode = reportError(error)
}
