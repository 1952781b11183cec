import { ConfigurationError } from '../../config/config.ts'
import { StartupError } from './startup-error.ts'

/** Errors of the language: a fault of the program, for which the stack is needed. */
const FAULTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError'])

/**
 * What is printed when the process cannot start: one message for what an operator can change, and the stack for a fault of
 * the program, or with `LOG_LEVEL=debug`.
 */
export function describeStartupFailure(error: unknown, { verbose }: { verbose: boolean }): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ConfigurationError || error instanceof StartupError) return error.message
  if (verbose || FAULTS.has(error.name)) return error.stack ?? error.message
  const reason = messageOf(error)
  return `Cerberus could not start: ${reason}\n(LOG_LEVEL=debug shows where this happened.)`
}

/** The message, or that of the first cause that has one. Prisma's messages end with the one of the database. */
function messageOf(error: Error): string {
  const own = error.message.trim()
  const text = error.name.startsWith('Prisma') ? (own.split('\n').at(-1) ?? own) : own
  if (text !== '') return text
  const [first] = error instanceof AggregateError ? error.errors : [error.cause]
  if (first instanceof Error) return messageOf(first)
  return 'code' in error ? String(error.code) : error.name
}
