import { type AuthorizationFailure, getAuthorizationTrace } from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { printChecks } from '../output/check-output.ts'
import { log } from '../output/log.ts'
import { type Format, print } from '../output/print.ts'
import { invocationOf } from './invocation.ts'

/** `cerberus trace`: why authorization requests were rejected. */
export function traceCommand(): Command {
  const trace = new Command('trace').description('rejected authorization requests')
  trace
    .command('get <reference>')
    .description('show why a request was rejected, by the reference on the error page, for an hour')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      printTrace((await open().send(getAuthorizationTrace(reference))).body, format)
    })
  return trace
}

function printTrace(trace: AuthorizationFailure, format: Format): void {
  if (format !== 'table') return print(trace, format)
  printChecks(
    trace.checks.map((check) => ({ about: 'request', ...check })),
    format,
  )
  log(`${trace.error}, client ${trace.clientId}, at ${trace.createdAt}.`)
}
