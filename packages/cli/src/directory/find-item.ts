import { type AdminClient, ApiError, type Query, readAllPages } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { suggestion } from '../input/closest-name.ts'
import { type AnyItem, type AnyResource, titleOf } from './resource.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** At most this many names are read to suggest one. */
const MAX_SUGGESTED = '100'

/**
 * The item with this id, or else with this name: its key, such as a slug, before names that several items may share.
 * Throws where no item has it, with the name that was probably meant, and where there are several. A caller who may not
 * read items gets what an id alone says: the act may be allowed nevertheless.
 */
export async function findItem(
  client: AdminClient,
  resource: AnyResource,
  name: string,
  narrowing: Query = {},
): Promise<AnyItem> {
  const own = resource.own && (await client.send(resource.own.get())).body
  if (own && (resource.idOf(own) === name || resource.namesOf(own)[0] === name)) return own
  if (UUID.test(name)) return readById(client, resource, name)
  const query = { ...(resource.lookup?.(name) ?? { search: name }), ...narrowing }
  const { items } = await readAllPages(client, (page) => resource.list({ ...query, ...page }))
  const wanted = name.trim().toLowerCase()
  const matches = (place: (names: readonly (string | null | undefined)[]) => readonly (string | null | undefined)[]) =>
    items.filter((item) => place(resource.namesOf(item)).some((one) => one?.toLowerCase() === wanted))
  const byKey = matches((names) => names.slice(0, 1))
  const found = byKey.length > 0 ? byKey : matches((names) => names.slice(1))
  const [first] = found
  if (first && found.length === 1) return first
  if (first) {
    const rows = found.map((item) => `${resource.idOf(item)}  ${titleOf(resource, item)}`)
    throw new Failure('usage', `${found.length} ${resource.plural} are called ${name}. Use an id:`, rows)
  }
  throw new Failure(
    'notFound',
    `There is no ${resource.noun} ${name}.${await suggest(client, resource, name, narrowing)}`,
  )
}

async function readById(client: AdminClient, resource: AnyResource, id: string): Promise<AnyItem> {
  if (!resource.get) return resource.fromId?.(id) ?? { id }
  try {
    return (await client.send(resource.get(id))).body
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'forbidden') return { id }
    throw error
  }
}

async function suggest(client: AdminClient, resource: AnyResource, name: string, narrowing: Query): Promise<string> {
  const { data } = (await client.send(resource.list({ limit: MAX_SUGGESTED, ...narrowing }))).body
  // Of names that are alike, the last is suggested: the key.
  const names = data.flatMap((item) => resource.namesOf(item).toReversed()).filter((one) => typeof one === 'string')
  return suggestion(name, names)
}
