import type { Command } from 'commander'
import { show, tell, type Columns, type Format } from './output.ts'
import type { Session } from './session.ts'

/** Which part of a list is asked for. */
export interface PageOptions {
  page?: string
  limit?: string
  all?: true
}

type Row = Record<string, unknown>

/** What a list endpoint answers. `total` may be less than there is, and then `moreThanTotal` says so. */
interface Page {
  data: Row[]
  total: number
  page: number
  pages: number
  moreThanTotal?: boolean
}

/** The rows that were asked for, and the first page of them. */
export interface Found {
  rows: Row[]
  first: Page
}

const MOST_ON_A_PAGE = 100

/** Adds the options that choose a part of a list. */
export function paged(command: Command): Command {
  return command
    .option('--page <number>', 'from 1')
    .option('--limit <number>', `how many on a page, up to ${MOST_ON_A_PAGE}`)
    .option('--all', 'all pages')
}

/** Reads what was asked for of a list; `pathOf` makes its path with a query. */
export async function readPages(
  session: Session,
  pathOf: (query: Readonly<Record<string, string | undefined>>) => string,
  { page, limit, all }: PageOptions,
): Promise<Found> {
  const size = limit ?? (all ? String(MOST_ON_A_PAGE) : undefined)
  const read = async (number: string | undefined) =>
    (await session.call({ method: 'GET', path: pathOf({ limit: size, page: number }) })).body as Page
  const first = await read(page)
  const rows = [...first.data]
  if (all) {
    for (let last = first; goesOn(last);) {
      last = await read(String(last.page + 1))
      rows.push(...last.data)
    }
  }
  return { rows, first }
}

/** A count that stops somewhere does not say where the list ends: an empty page does. */
function goesOn({ data, page, pages, moreThanTotal }: Page): boolean {
  return data.length > 0 && (page < pages || moreThanTotal === true)
}

/** Writes a list: JSON and YAML are the list itself, so that programs need no envelope. */
export function showFound({ rows, first }: Found, format: Format, columns: Columns, things: string): void {
  show(rows, format, columns)
  if (format !== 'table' || rows.length >= first.total) return
  const more = first.moreThanTotal ? ' and more' : ''
  tell(`Page ${first.page} of ${first.pages}${more}; ${first.total}${more} ${things} in all.`)
}

/** A path with those members of a query that are given. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}
