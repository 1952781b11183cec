import {
  type ApiResponse,
  type Change,
  type ChangedClient,
  type Client,
  defaultSettings,
  type DryRun,
  isDryRun,
  isEqualJson,
  type OpenApiDocument,
  settableMembers,
  type Warning,
} from 'cerberus-idp-admin-client'
import { log } from './log.ts'
import { type Format, print, printList, terminalWidth, writeLines } from './print.ts'
import { cell } from './printable.ts'
import { labelledLines, recordLines, unbrokenLines } from './record.ts'

/** How a client is shown in a table. */
export interface ClientView {
  /** Reads the server's description of its API, which has the defaults of the settings. */
  readDocument(): Promise<OpenApiDocument>
  /** All members, also settings with their default. */
  full?: boolean
  /** Settings to show whatever their value, because they have just changed. */
  changed?: Iterable<string>
}

/** Always shown: what the client is. */
const headMembers = ['name', 'clientType', 'isActive']
/** Set by the server; shown unless they are null. */
const stateMembers = ['lastUsedAt', 'revokedAt']
/** Last, nearest to the prompt: what is copied. */
const copiedMembers = ['id', 'clientId', 'clientSecret']

/** Prints a client. A table has the settings that differ from their default, and at its end the identifiers. */
export async function printClient(client: Client & { clientSecret?: unknown }, format: Format, view: ClientView) {
  if (format !== 'table') return print(client, format)
  const others = Object.keys(client).filter((member) => !copiedMembers.includes(member))
  const shown = view.full ? others : selectMembers(client, await view.readDocument(), new Set(view.changed))
  const copied = copiedMembers.filter((member) => client[member] !== undefined && client[member] !== null)
  const width = terminalWidth()
  if (width === undefined) {
    const members = [...shown, ...copied]
    return writeLines(recordLines(Object.fromEntries(members.map((member) => [member, client[member]])), undefined))
  }
  const rows = (members: readonly string[]) => members.map((member) => [member, cell(client[member])] as const)
  writeLines([...labelledLines(rows(shown), width), '', ...unbrokenLines(rows(copied))])
  if (!view.full) log('Settings with their default value are not shown; --full shows them.')
}

function selectMembers(client: Client, document: OpenApiDocument, changed: ReadonlySet<string>): string[] {
  const defaults = defaultSettings(document)
  const settings = [...settableMembers(document)].filter(
    (member) => member in client && (changed.has(member) || !isEqualJson(client[member], defaults.get(member) ?? null)),
  )
  const states = stateMembers.filter((member) => client[member] !== undefined && client[member] !== null)
  const members = new Set([...headMembers, ...settings, ...states])
  return [...members].filter((member) => !copiedMembers.includes(member))
}

/** Prints the result of a change: the client, or its dry run. Beside a table, warnings are messages. */
export async function printChangedClient(
  { body }: ApiResponse<ChangedClient | DryRun>,
  format: Format,
  view: ClientView,
): Promise<void> {
  if (isDryRun(body)) return printDryRun(body, format)
  if (format !== 'table') return print(body, format)
  const { warnings, ...client } = body
  await printClient(client, format, view)
  logWarnings(warnings)
}

/** Prints what a request would change. */
export function printDryRun(dryRun: DryRun, format: Format): void {
  if (format !== 'table') return print(dryRun, format)
  if (dryRun.changes.length === 0) log('Nothing would change.')
  else printList<Change>(dryRun.changes, format, ['member', 'from', 'to'], { wraps: true })
  logWarnings(dryRun.warnings)
}

export function logWarnings(warnings: readonly Warning[] = [], prefix = 'Warning: '): void {
  for (const { member, message, advice } of warnings) log(`${prefix}${member} ${message}. ${advice}`)
}
