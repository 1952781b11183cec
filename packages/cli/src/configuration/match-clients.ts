import { type AdminClient, type Client, getClient, isChosenClientId, readClientPage } from 'cerberus-idp-admin-client'
import { toFailure } from '../failure.ts'
import { mapConcurrently } from '../requests/concurrency.ts'
import { type Entry, invalidConfiguration } from './document.ts'

/** An entry and its client on the server, undefined where the client is to be registered. */
export interface Match {
  entry: Entry
  client: Client | undefined
}

/**
 * Finds the client of each entry. An entry is matched by its clientId before its externalId, so that a configuration can
 * give a client an externalId. An unknown clientId is that of a new client if it can be chosen. Throws for another unknown
 * one, and where two entries match one client.
 */
export async function matchClients(api: AdminClient, server: string, entries: readonly Entry[]): Promise<Match[]> {
  const all = await readAllIfCheaper(api, entries.length)
  const matches = await mapConcurrently('Finding', entries, async (entry) => ({
    entry,
    // A client moves to an earlier page when another one is deleted, and may be missed. An unknown clientId is looked up
    // here; an unused externalId is checked again by the dry run.
    client: all?.find(entry) ?? (all && entry.clientId === undefined ? undefined : await findClient(api, entry)),
  }))
  const problems: string[] = []
  const seen = new Map<string, Entry>()
  for (const { entry, client } of matches) {
    if (!client) {
      if (entry.clientId === undefined || isChosenClientId(entry.clientId)) continue
      problems.push(`${entry.location(['clientId'])}: ${server} has no client ${entry.clientId}`)
    } else {
      const other = seen.get(client.id)
      if (other) problems.push(`${entry.location()}: this is the same client as ${other.location()}`)
      seen.set(client.id, entry)
    }
  }
  if (problems.length > 0) throw invalidConfiguration(problems)
  return matches
}

/** Looks up the client of one entry. */
export async function findClient(
  api: AdminClient,
  { clientId, externalId }: Pick<Entry, 'clientId' | 'externalId'>,
): Promise<Client | undefined> {
  if (clientId === undefined) return (await readClientPage(api, { externalId }, 1)).data[0]
  try {
    return (await api.send(getClient(clientId))).body
  } catch (error) {
    if (toFailure(error).reason === 'notFound') return undefined
    throw error
  }
}

/** All clients, where reading the list page by page takes fewer requests than looking up `count` entries. */
async function readAllIfCheaper(api: AdminClient, count: number) {
  if (count === 0) return undefined
  const first = await readClientPage(api, {}, 1)
  if (first.pages > Math.max(1, count)) return undefined
  const others = Array.from({ length: Math.max(0, first.pages - 1) }, (_, index) => index + 2)
  const rest = await mapConcurrently('Reading page', others, (page) => readClientPage(api, {}, page))
  const clients = [first, ...rest].flatMap(({ data }) => data)
  const byClientId = new Map(clients.map((client) => [client.clientId, client]))
  const byExternalId = new Map(clients.map((client) => [client.externalId, client]))
  return {
    find: ({ clientId, externalId }: Entry) =>
      clientId === undefined ? byExternalId.get(externalId) : byClientId.get(clientId),
  }
}
