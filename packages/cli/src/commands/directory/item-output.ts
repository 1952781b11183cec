import { type AnyItem, type AnyResource, titleOf } from '../../directory/resource.ts'
import { log } from '../../output/log.ts'
import { type Format, print, terminalWidth, writeLines } from '../../output/print.ts'
import { cell } from '../../output/printable.ts'
import { labelledLines, recordLines, unbrokenLines } from '../../output/record.ts'

/** Shown last, nearest to the prompt: what is copied. */
const copiedMembers = ['id', 'slug', 'prefix']
/** Shown once. */
const secretMembers = ['link', 'key', 'secret', 'token', 'ownerPassword']

export interface ItemView {
  /** All members, also empty ones. */
  full?: boolean
}

/** Prints an item. A table has the members that are not empty, and at its end the identifiers and new secrets. */
export function printItem(resource: AnyResource, item: AnyItem, format: Format, { full = false }: ItemView = {}): void {
  if (format !== 'table') return print(item, format)
  const shown = { ...(resource.show?.(item) ?? item) } as AnyItem
  const last = [...copiedMembers, ...secretMembers].filter((member) => !isEmpty(shown[member]))
  const first = Object.keys(shown).filter((member) => !last.includes(member) && (full || !isEmpty(shown[member])))
  const width = terminalWidth()
  if (width === undefined) {
    writeLines(recordLines(Object.fromEntries([...first, ...last].map((member) => [member, shown[member]])), undefined))
  } else {
    const rows = (members: readonly string[]) => members.map((member) => [member, cell(shown[member])] as const)
    writeLines([...labelledLines(rows(first), width), '', ...unbrokenLines(rows(last))])
  }
  const secret = last.find((member) => secretMembers.includes(member))
  if (secret !== undefined) log(`Store the ${secret} of ${titleOf(resource, item)} now: it is shown once.`)
  else if (!full && first.length + last.length < Object.keys(shown).length) {
    log('Empty members are not shown; --full shows them.')
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
