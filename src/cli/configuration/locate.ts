import { readClientPage } from '../client-pages.ts'
import { clientPath, type ShownClient } from '../client-requests.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import type { Entry } from './document.ts'
import { wrongConfiguration } from './document.ts'
import { askPatiently, eachOf } from './turns.ts'

/**
 * The client that each entry is on this server, undefined where there is none yet. A clientId goes before an externalId,
 * so that a client can be given one. Throws where a clientId is of no client, and where two entries are one client.
 */
export async function locate(
  session: Session,
  entries: readonly Entry[],
): Promise<{ entry: Entry; client: ShownClient | undefined }[]> {
  const all = await readAllWhereFewer(session, entries.length)
  const located = await eachOf('Finding', entries, async (entry) => ({
    entry,
    // A page may have lost one that moved up from the next when another was deleted: an externalId that seems free is
    // looked at again by the rehearsal, and a clientId that seems unknown here.
    client: all?.find(entry) ?? (all && entry.clientId === undefined ? undefined : await findOne(session, entry)),
  }))
  const problems: string[] = []
  const seen = new Map<unknown, Entry>()
  for (const { entry, client } of located) {
    if (!client) {
      if (entry.clientId === undefined) continue
      problems.push(`${entry.at(['clientId'])}: ${session.server} has no client ${entry.clientId}`)
    } else {
      const other = seen.get(client['id'])
      if (other) problems.push(`${entry.at()}: this is the client of ${other.at()}`)
      seen.set(client['id'], entry)
    }
  }
  if (problems.length > 0) throw wrongConfiguration(problems)
  return located
}

/** The client of an entry, asked for alone. */
export async function findOne(
  session: Session,
  { clientId, externalId }: Pick<Entry, 'clientId' | 'externalId'>,
): Promise<ShownClient | undefined> {
  if (clientId === undefined) {
    const { data } = await readClientPage((request) => askPatiently(session, request), { externalId }, 1)
    return data[0]
  }
  try {
    const { body } = await askPatiently(session, { method: 'GET', path: clientPath(clientId) })
    return body as ShownClient
  } catch (error) {
    if (error instanceof Failure && error.ending === 'notFound') return undefined
    throw error
  }
}

/** All clients, where reading them page by page takes fewer requests than reading those of the file one by one. */
async function readAllWhereFewer(session: Session, count: number) {
  if (count === 0) return undefined
  const ask = (request: Parameters<Session['call']>[0]) => askPatiently(session, request)
  const first = await readClientPage(ask, {}, 1)
  if (first.pages > Math.max(1, count)) return undefined
  const others = Array.from({ length: Math.max(0, first.pages - 1) }, (_, index) => index + 2)
  const rest = await eachOf('Reading page', others, (page) => readClientPage(ask, {}, page))
  const found = [first, ...rest].flatMap(({ data }) => data)
  const byClientId = new Map(found.map((client) => [client['clientId'], client]))
  const byExternalId = new Map(found.map((client) => [client['externalId'], client]))
  return {
    find: ({ clientId, externalId }: Entry) =>
      clientId === undefined ? byExternalId.get(externalId) : byClientId.get(clientId),
  }
}
