import { Failure } from '../failure.ts'
import { suggestion } from '../input/closest-name.ts'
import type { Environment } from '../system/environment.ts'
import { type Context, type Contexts, parseServerAddress } from './contexts.ts'

/** Options of every command that choose the server. */
export interface TargetOptions {
  context: string | undefined
  server: string | undefined
  organisation: string | undefined
}

/** The server that a command works on. `name` is undefined where it was named by its address. */
export function resolveTarget(
  options: TargetOptions,
  environment: Environment,
  { current, contexts }: Contexts,
): { name: string | undefined; context: Context } {
  if (options.server !== undefined && options.context !== undefined) {
    throw new Failure('usage', 'Use either --context or --server, not both.')
  }
  const named = options.context ?? (options.server === undefined ? environment.context : undefined)
  if (named !== undefined) {
    const context = contexts[named]
    if (!context)
      throw new Failure(
        'usage',
        `There is no context ${named}.${suggestion(named, Object.keys(contexts))} See cerberus context list.`,
      )
    return { name: named, context }
  }
  const address = options.server ?? environment.server
  if (address !== undefined) {
    const server = parseServerAddress(address)
    return { name: undefined, context: { server, clientId: null, organisation: null, token: null } }
  }
  const context = current === null ? undefined : contexts[current]
  if (current === null || !context) {
    throw new Failure('usage', 'No server is chosen: cerberus context add NAME --server https://auth.example.com')
  }
  return { name: current, context }
}
