import type { Command } from 'commander'
import type { Format } from '../output/print.ts'
import { type ContextStore, createContextStore } from '../sign-in/contexts.ts'
import { openSession, type Session } from '../sign-in/session.ts'
import { type Environment, readEnvironment } from '../system/environment.ts'

/** Options of every command. */
export interface GlobalOptions {
  context?: string
  server?: string
  org?: string
  output?: Format
}

/** What the action of a command works with, besides its arguments. */
export interface Invocation<Options> {
  options: Options & GlobalOptions
  environment: Environment
  store: ContextStore
  /** The format of the result; `table` by default. */
  format: Format
  open(): Session
}

/** Reads the options and the environment of a command. */
export function invocationOf<Options>(command: Command): Invocation<Options> {
  const options = command.optsWithGlobals<Options & GlobalOptions>()
  const environment = readEnvironment()
  const store = createContextStore(environment.configDirectory)
  const target = { context: options.context, server: options.server, organisation: options.org }
  return {
    options,
    environment,
    store,
    format: options.output ?? 'table',
    open: () => openSession(target, environment, store),
  }
}
