import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { exitCodes, toFailure } from './failure.ts'
import { log } from './output/log.ts'
import { PACKAGE_DIRECTORY } from './package-directory.ts'
import { createProgram } from './program.ts'

const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_DIRECTORY), 'utf8')) as {
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

/** Runs a command line, without the name of the program, and sets the exit code of the process. */
export async function run(words: readonly string[]): Promise<void> {
  try {
    await createProgram(version).parseAsync(words, { from: 'user' })
  } catch (error) {
    process.exitCode = reportError(error)
  }
}
