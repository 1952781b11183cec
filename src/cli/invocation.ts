import type { Command } from 'commander'
import { createContextStore, type ContextStore } from './contexts.ts'
import { readEnvironment, type Environment } from './environment.ts'
import type { Format } from './output.ts'
import { openSession, type Session } from './session.ts'

/** The options that every command has. */
export interface GlobalOptions {
  context?: string
  server?: string
  org?: string
  output?: Format
}

/** What a command is given, besides its own arguments. */
export interface Invocation<Options> {
  options: Options & GlobalOptions
  environment: Environment
  store: ContextStore
  /** How the answer is written; `table` where nothing was said. */
  format: Format
  open(): Session
}

/** Reads what a command was called with. */
export function invocationOf<Options>(command: Command): Invocation<Options> {
  const options = command.optsWithGlobals<Options & GlobalOptions>()
  const environment = readEnvironment()
  const store = createContextStore(environment.configDirectory)
  const choice = { context: options.context, server: options.server, organisation: options.org }
  return {
    options,
    environment,
    store,
    format: options.output ?? 'table',
    open: () => openSession(choice, environment, store),
  }
}
