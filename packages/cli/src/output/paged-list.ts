import {
  type AdminClient,
  type ApiRequest,
  MAX_PAGE_SIZE,
  type Page,
  type Query,
  readAllPages,
} from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { log } from './log.ts'
import { type Format, printList } from './print.ts'
import type { Columns } from './table.ts'

/** Which part of a list to read. */
export interface PageOptions {
  page?: string
  limit?: string
  all?: true
}

export interface PagedList<Item> {
  rows: Item[]
  first: Page<Item>
}

/** Adds the options of `PageOptions`. */
export function addPageOptions(command: Command): Command {
  return command
    .option('--page <number>', 'number of the page, from 1')
    .option('--limit <number>', `items per page, at most ${MAX_PAGE_SIZE}`)
    .option('--all', 'all pages')
}

/** Reads a part of a list; `request` makes the request of one page. */
export async function readPagedList<Item>(
  client: AdminClient,
  request: (query: Query) => ApiRequest<Page<Item>>,
  { page, limit, all }: PageOptions,
): Promise<PagedList<Item>> {
  if (all) {
    const { items, first } = await readAllPages(client, request, { page, limit })
    return { rows: items, first }
  }
  const first = (await client.send(request({ limit, page }))).body
  return { rows: first.data, first }
}

/** Prints a list. JSON and YAML are the list alone, without an envelope. */
export function printPagedList<Item extends object>(
  { rows, first }: PagedList<Item>,
  format: Format,
  columns: Columns<Item>,
  plural: string,
): void {
  printList(rows, format, columns)
  if (format !== 'table' || rows.length >= first.total) return
  const more = first.moreThanTotal ? ' or more' : ''
  log(`Page ${first.page} of ${first.pages}${more}; ${first.total}${more} ${plural} in total.`)
}
