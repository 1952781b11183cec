// `server/commands` holds what the server's program does besides serving: rotating keys and resetting the owner's password.

import { parseArgs } from 'node:util'
import { rotatableAlgorithms, type Rotation } from '../../keys/key-set.ts'
import { StartupError } from '../startup/startup-error.ts'

/** What the process was started for. */
export type Command =
  | { name: 'serve' }
  | { name: 'help' }
  | { name: 'rotate-keys'; rotation: Rotation }
  | { name: 'owner-reset'; email: string | undefined }

export const HELP = `Cerberus, an OAuth 2.0 and OpenID Connect server.

  npm start                      start the server
  npm run keys:rotate            replace the signing keys
  npm run owner:reset            give the owner a new password

The same as programs, in a checkout and in a container:

  node scripts/start.mjs [COMMAND]
  node dist/bundle/server/main.js [COMMAND]

  (no command)                   start the server
  rotate-keys [--algorithms RS256,ES256] [--now]
                                 replace the signing keys; --now: after a leak, without publishing them first
  owner-reset [--email ADDRESS]  give the owner a new password, end their sessions and revoke their grants
  --help                         print this text

Settings are environment variables, or lines of a file .env: README.md and .env.example list them.
`

const COMMANDS = ['rotate-keys', 'owner-reset'] as const

/** Reads the arguments of the process. Throws `StartupError` for anything that is not a command or an option of one. */
export function parseCommandLine(args: readonly string[]): Command {
  if (args.some((arg) => arg === '--help' || arg === '-h') || args[0] === 'help') return { name: 'help' }
  const [first, second] = args
  if (first === undefined) return { name: 'serve' }
  // `owner reset` is written like the commands of `cerberus`.
  const words = first === 'owner' && second === 'reset' ? ['owner-reset', ...args.slice(2)] : args
  const [command = '', ...rest] = words
  if (command === 'rotate-keys') return { name: 'rotate-keys', rotation: parseRotation(rest) }
  if (command === 'owner-reset') {
    const { email } = parseOptions(rest, { email: { type: 'string' } })
    return { name: 'owner-reset', email: typeof email === 'string' ? email : undefined }
  }
  throw new StartupError(
    `Unknown ${command.startsWith('-') ? 'option' : 'command'} ${command}. ` +
      `The commands are ${COMMANDS.join(' and ')}; without one, the server starts. --help explains them.`,
  )
}

function parseRotation(args: string[]): Rotation {
  const values = parseOptions(args, { algorithms: { type: 'string' }, now: { type: 'boolean' } })
  const requested = typeof values['algorithms'] === 'string' ? values['algorithms'].split(',') : undefined
  const unknown = requested?.filter((name) => !rotatableAlgorithms.some((alg) => alg === name)) ?? []
  if (unknown.length > 0) {
    throw new StartupError(
      `Unknown algorithm ${unknown.join(', ')}. The algorithms are ${rotatableAlgorithms.join(', ')}.`,
    )
  }
  const algorithms = requested && rotatableAlgorithms.filter((alg) => requested.includes(alg))
  return { algorithms, when: values['now'] === true ? 'now' : 'known' }
}

function parseOptions(args: string[], options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    // The first sentence names the argument; the others are about the parser.
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('. ', 1)
    throw new StartupError(`${message}. --help lists the options.`)
  }
}
