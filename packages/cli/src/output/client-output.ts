import { type ApiResponse, type ChangedClient, type DryRun, isDryRun, type Warning } from 'cerberus-idp-admin-client'
import { log } from './log.ts'
import { type Format, print } from './print.ts'

/** Prints the result of a change: the client, or its dry run. Beside a table, warnings are messages. */
export function printChangedClient({ body }: ApiResponse<ChangedClient | DryRun>, format: Format): void {
  if (isDryRun(body)) return printDryRun(body, format)
  if (format !== 'table') return print(body, format)
  const { warnings, ...client } = body
  print(client, format)
  logWarnings(warnings)
}

/** Prints what a request would change. */
export function printDryRun(dryRun: DryRun, format: Format): void {
  if (format !== 'table') return print(dryRun, format)
  if (dryRun.changes.length === 0) log('Nothing would change.')
  else print(dryRun.changes, format, ['member', 'from', 'to'])
  logWarnings(dryRun.warnings)
}

export function logWarnings(warnings: readonly Warning[] = [], prefix = 'Warning: '): void {
  for (const { member, message, advice } of warnings) log(`${prefix}${member} ${message}. ${advice}`)
}
