// `resources` has the requests of the management API, one file for each kind of resource. Functions are named by the
// operationIds of the OpenAPI document and return requests as plain values; `transport` sends them.

import type { AdminClient } from '../admin-client.ts'
import type { ApiRequest, Query } from '../transport/request.ts'
import { type Client, listClients } from './clients/clients.ts'

/** One page of a list. */
export interface Page<Item> {
  data: Item[]
  /** Where the server stops counting, this is less than the list has, and `moreThanTotal` is true. */
  total: number
  /** From 1. */
  page: number
  pages: number
  moreThanTotal?: boolean
}

export const MAX_PAGE_SIZE = 100

/** Whether there may be a page after this one. A total that stops counting does not end the list; an empty page does. */
export function hasNextPage({ data, page, pages, moreThanTotal }: Page<unknown>): boolean {
  return data.length > 0 && (page < pages || moreThanTotal === true)
}

/** The items of all pages, and the first page. `request` makes the request of one page. */
export async function readAllPages<Item>(
  client: AdminClient,
  request: (query: Query) => ApiRequest<Page<Item>>,
  { page, limit = String(MAX_PAGE_SIZE) }: { page?: string | undefined; limit?: string | undefined } = {},
): Promise<{ items: Item[]; first: Page<Item> }> {
  const read = async (number: string | undefined) => (await client.send(request({ limit, page: number }))).body
  const first = await read(page)
  const items = [...first.data]
  for (let last = first; hasNextPage(last);) {
    last = await read(String(last.page + 1))
    items.push(...last.data)
  }
  return { items, first }
}

/** A page of 100 clients, oldest first: a client registered meanwhile is on the last page. */
export async function readClientPage(client: AdminClient, query: Query, page: number): Promise<Page<Client>> {
  const request = listClients({ sort: 'createdAt', limit: String(MAX_PAGE_SIZE), page: String(page), ...query })
  return (await client.send(request)).body
}

/** All clients that match a query. */
export async function readAllClients(client: AdminClient, query: Query = {}): Promise<Client[]> {
  const all: Client[] = []
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const found = await readClientPage(client, query, page)
    all.push(...found.data)
    pages = found.pages
  }
  return all
}
