import type { ListQuery } from '../calls.ts'

/** The state of the client list. It is kept while another screen is shown. */
export interface ListState {
  search: string
  filters: ListQuery
  /** The `sort` parameter: `name`, or `-name` for descending. */
  sort: string
  offset: number
  /** The cursor, as a line of the page. */
  line: number
  /** Ids of the marked clients. */
  marked: readonly string[]
}

export const initialList: ListState = { search: '', filters: {}, sort: 'name', offset: 0, line: 0, marked: [] }

/** The query of the current page. */
export function listQuery({ search, filters, sort, offset }: ListState, limit: number): ListQuery {
  return {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...filters,
    sort,
    limit: String(limit),
    offset: String(offset),
  }
}

/** The state with the cursor moved by a number of lines, across pages of `limit` items. */
export function moveCursor<State extends { offset: number; line: number }>(
  list: State,
  by: number,
  total: number,
  limit: number,
): State {
  const at = Math.max(0, Math.min(total - 1, list.offset + list.line + by))
  const offset = at - (at % limit)
  return { ...list, offset, line: at - offset }
}

/** The search and the filters as text; empty if there are none. */
export function describeFilters({ search, filters }: ListState): string {
  const parts = Object.entries(filters).map(([name, value]) => `${name}=${value}`)
  return [...(search.trim() === '' ? [] : [`/${search.trim()}`]), ...parts].join('  ')
}
