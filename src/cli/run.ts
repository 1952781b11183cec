// `cli` is the `cerberus` command: what administrators type and scripts call. It knows a server only by its HTTP
// interface and the description of that (`/openapi.json`), and imports nothing of what the server is made of. Secrets come
// from the environment and from files, go to the server alone, and are never written but to the file of contexts.

import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { exitCodes, Failure } from './failure.ts'
import { tell } from './output.ts'
import { createProgram } from './program.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** How it ended; what went wrong is told on standard error. */
function endingOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // What helps has been written already.
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      tell(`cerberus: ${error.message.replace(/^error: /, '')}`)
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  if (error instanceof Failure) {
    tell(`cerberus: ${error.message}`)
    for (const particular of error.particulars) tell(`  ${particular}`)
    return exitCodes[error.ending]
  }
  tell(`cerberus: ${error instanceof Error ? error.message : String(error)}`)
  return exitCodes.failure
}

// Whoever reads the answer may have seen enough of it.
process.stdout.on('error', () => process.exit())

try {
  await createProgram(version).parseAsync()
} catch (error) {
  process.exitCode = endingOf(error)
}
