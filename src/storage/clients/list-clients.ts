import type { ClientQuery } from '../../model/clients/client-repository.ts'
import { escapeLike } from '../db/like-pattern.ts'
import type { Prisma as Types, PrismaClient } from '../generated/client.ts'
import { Prisma } from '../generated/client.ts'

const sortColumns = {
  name: Prisma.sql`c.name`,
  clientId: Prisma.sql`c.client_id`,
  createdAt: Prisma.sql`c.created_at`,
  updatedAt: Prisma.sql`c.updated_at`,
  expiresAt: Prisma.sql`c.expires_at`,
  lastUsedAt: Prisma.sql`u.used_at`,
} as const satisfies Record<ClientQuery['sort']['by'], Types.Sql>

/** Those that a client may be without. */
const nullableSortColumns: ReadonlySet<ClientQuery['sort']['by']> = new Set(['expiresAt', 'lastUsedAt'])

/** The ids of a page of clients, in order, and the number of clients on all pages. */
export async function listClientIds(
  prisma: PrismaClient,
  query: ClientQuery,
): Promise<{ ids: string[]; total: number }> {
  const { by, descending } = query.sort
  const lastUsedJoin = by === 'lastUsedAt' || query.unusedSince !== undefined ? JOIN_LAST_USED : Prisma.empty
  const from = Prisma.sql`FROM clients c ${lastUsedJoin} WHERE ${Prisma.join(conditions(query), ' AND ')}`
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`
  const countFrom = countSource(query)
  const total = countFrom && (await count(prisma, countFrom))
  // Where each client must be looked at to be counted, looking once will do.
  const totalColumn = countFrom ? Prisma.empty : Prisma.sql`, count(*) OVER ()::int AS total`
  // To speak of nulls keeps the order from being read off an index, as it must be where a search has found a few: the
  // planner cannot foresee how many clients it would walk past before the page is full.
  const isBroad = query.search === undefined || (total ?? 0) > BROAD_SEARCH_THRESHOLD
  const nullsOrder = nullableSortColumns.has(by) || !isBroad ? Prisma.sql`NULLS LAST` : Prisma.empty
  const rows = await prisma.$queryRaw<{ id: string; total?: number }[]>`
    SELECT c.id ${totalColumn} ${from} ORDER BY ${sortColumns[by]} ${direction} ${nullsOrder}, c.id
    LIMIT ${query.limit} OFFSET ${query.offset}`
  const ids = rows.map(({ id }) => id)
  return { ids, total: total ?? rows[0]?.total ?? (await count(prisma, from)) }
}

async function count(prisma: PrismaClient, from: Types.Sql): Promise<number> {
  const [counted] = await prisma.$queryRaw<{ total: number }[]>`SELECT count(*)::int AS total ${from}`
  return counted?.total ?? 0
}

/** Clients that a search may find and still have found a few. */
const BROAD_SEARCH_THRESHOLD = 5_000

const JOIN_LAST_USED = Prisma.sql`LEFT JOIN client_last_used u ON u.client_id = c.id AND u.organisation_id = c.organisation_id`

/** Where all clients, or all that a text is found in, can be counted without looking at the clients themselves. */
function countSource({ organisationId, search, sort: _, limit: __, offset: ___, ...filters }: ClientQuery) {
  if (Object.values(filters).some((filter) => filter !== undefined)) return undefined
  const allClients = Prisma.sql`FROM client_search s WHERE s.organisation_id = ${organisationId}::uuid`
  return search === undefined
    ? allClients
    : Prisma.sql`${allClients} AND s.text LIKE fold_text(${`%${escapeLike(search)}%`})`
}

function conditions(query: ClientQuery): Types.Sql[] {
  const {
    organisationId,
    search,
    clientType,
    isActive,
    group,
    externalId,
    attribute,
    grantType,
    authMethod,
    redirectHost,
    expiringBefore,
    unusedSince,
  } = query
  return [
    Prisma.sql`c.organisation_id = ${organisationId}::uuid`,
    Prisma.sql`c.deleted_at IS NULL`,
    ...ifDefined(search, (text) => searchCondition(organisationId, `%${escapeLike(text)}%`)),
    ...ifDefined(clientType, (type) => Prisma.sql`c.client_type = ${type}`),
    ...ifDefined(isActive, (active) => Prisma.sql`c.is_active = ${active}`),
    ...ifDefined(group, (name) => Prisma.sql`${name} = ANY (c.groups)`),
    ...ifDefined(externalId, (id) => Prisma.sql`c.external_id = ${id}`),
    ...ifDefined(attribute, ({ name, value }) => Prisma.sql`c.attributes -> ${name} @> to_jsonb(${value}::text)`),
    ...ifDefined(grantType, (grant) => Prisma.sql`${grant} = ANY (c.grant_types)`),
    ...ifDefined(
      authMethod,
      (method) =>
        Prisma.sql`${method} = ANY (c.token_endpoint_auth_method || c.additional_token_endpoint_auth_methods)`,
    ),
    ...ifDefined(expiringBefore, (instant) => Prisma.sql`c.expires_at < ${instant}`),
    ...ifDefined(unusedSince, (instant) => Prisma.sql`coalesce(u.used_at, c.created_at) < ${instant}`),
    ...(redirectHost === undefined ? [] : redirectHostConditions(organisationId, redirectHost)),
  ]
}

function searchCondition(organisationId: string, pattern: string): Types.Sql {
  return Prisma.sql`c.id IN (SELECT s.client_id FROM client_search s
    WHERE s.organisation_id = ${organisationId}::uuid AND s.text LIKE fold_text(${pattern}))`
}

/** Those with the host as part of what they are found by, of which few are looked at closely. */
function redirectHostConditions(organisationId: string, host: string): Types.Sql[] {
  return [
    searchCondition(organisationId, `%//${escapeLike(host)}%`),
    // The host stands between // and the next of : / ? #, or the end.
    Prisma.sql`EXISTS (SELECT FROM unnest(c.redirect_uris) uri
      WHERE lower(substring(uri FROM '^[^:]+://([^/?#]*?)(?::[0-9]+)?(?:[/?#]|$)') COLLATE "C") = lower(${host} COLLATE "C"))`,
  ]
}

function ifDefined<Value>(value: Value | undefined, condition: (value: Value) => Types.Sql): Types.Sql[] {
  return value === undefined ? [] : [condition(value)]
}
