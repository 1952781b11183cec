import type { ListQuery } from './requests.ts'

/** What the list of clients shows: kept while somebody is elsewhere. */
export interface ListState {
  search: string
  filters: ListQuery
  /** As the query has it: `name`, or `-name` for descending. */
  sort: string
  offset: number
  /** The line of the page. */
  line: number
  /** Ids of the clients that are marked. */
  marked: readonly string[]
}

export const firstList: ListState = { search: '', filters: {}, sort: 'name', offset: 0, line: 0, marked: [] }

/** The query of the page that is shown. */
export function queryOf({ search, filters, sort, offset }: ListState, limit: number): ListQuery {
  return {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...filters,
    sort,
    limit: String(limit),
    offset: String(offset),
  }
}

/** The cursor moved by lines over all pages; `total` clients, `limit` on a page. */
export function moved(list: ListState, by: number, total: number, limit: number): ListState {
  const at = Math.max(0, Math.min(total - 1, list.offset + list.line + by))
  const offset = at - (at % limit)
  return { ...list, offset, line: at - offset }
}

/** What narrows the list, in words; empty: nothing. */
export function narrowed({ search, filters }: ListState): string {
  const parts = Object.entries(filters).map(([name, value]) => `${name}=${value}`)
  return [...(search.trim() === '' ? [] : [`/${search.trim()}`]), ...parts].join('  ')
}
