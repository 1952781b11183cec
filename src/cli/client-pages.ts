import { clientsPath, type ShownClient } from './client-requests.ts'
import type { ServerAnswer, ServerRequest } from './server.ts'

/** One page of the list of clients. */
export interface ClientPage {
  data: ShownClient[]
  total: number
  pages: number
}

export type Query = Readonly<Record<string, string | undefined>>
type Ask = (request: ServerRequest) => Promise<ServerAnswer>

/** A page of a hundred. What is registered meanwhile comes after all of them. */
export async function readClientPage(ask: Ask, query: Query, page: number): Promise<ClientPage> {
  const path = clientsPath({ sort: 'createdAt', limit: '100', page: String(page), ...query })
  return (await ask({ method: 'GET', path })).body as ClientPage
}

/** All clients that a query finds. */
export async function readAllClients(ask: Ask, query: Query = {}): Promise<ShownClient[]> {
  const all: ShownClient[] = []
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const found = await readClientPage(ask, query, page)
    all.push(...found.data)
    pages = found.pages
  }
  return all
}
