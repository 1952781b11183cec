import { z } from 'zod'
import { validationError, type ValidationIssue } from '../../http/errors/problem.ts'
import type { ClientQuery } from '../../model/clients/client-repository.ts'
import { addSeconds } from '../../lib/clock.ts'
import { isValidUnicode } from '../../lib/unicode.ts'
import { clientGrantTypes } from '../../clients/settings/properties/authorization.ts'
import { authenticationMethods } from '../../clients/authentication/methods/index.ts'
import { clientSchema } from './representation.ts'

const sortFields = ['name', 'clientId', 'createdAt', 'updatedAt', 'expiresAt', 'lastUsedAt'] as const

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100

// The bounds keep every offset within what PostgreSQL can count to.
const integerParameter = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}, sent once`
  return z
    .string({ error })
    .refine((text) => /^\d{1,12}$/.test(text) && Number(text) >= min && Number(text) <= max, { error })
    .meta({ type: 'integer', minimum: min, maximum: max })
    .optional()
}
const enumParameter = <const Name extends string>(names: readonly Name[]) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}, sent once` }).optional()

const pageQuery = {
  page: integerParameter(1, 1_000_000).describe('From 1.'),
  limit: integerParameter(1, MAX_LIMIT).describe(`How many are on a page; ${DEFAULT_LIMIT} where it is left out.`),
  per_page: integerParameter(1, MAX_LIMIT).describe('Another name of limit.'),
  offset: integerParameter(0, 100_000_000).describe('How many to leave out, instead of page.'),
}
/** The query of a list that is only paged. */
export const pageQuerySchema = z.object(pageQuery)
type PageQuery = z.output<typeof pageQuerySchema>

/** The query of a list: pages by page and limit (or per_page) or by limit and offset; order by sort, and order. */
export const clientListQuerySchema = z.object({
  ...pageQuery,
  sort: enumParameter(sortFields.flatMap((field) => [field, `-${field}` as const])).describe(
    'Descending after a hyphen; -createdAt.',
  ),
  order: enumParameter(['asc', 'desc']).describe('For a sort without a hyphen.'),
  search: z
    .string({ error: 'must be text, sent once' })
    .max(200, { error: 'must have at most 200 characters' })
    .refine(isValidUnicode, { error: 'must not hold the character NUL' })
    .optional()
    .describe(
      'Part of the id, client_id, name, description, a redirect URI, an origin, a contact or the software_id, in any case.',
    ),
  clientType: enumParameter(['confidential', 'public']),
  isActive: enumParameter(['true', 'false']),
  group: z
    .string({ error: 'must be a group, sent once' })
    .refine(isValidUnicode, { error: 'must not hold the character NUL' })
    .optional()
    .describe('One of its groups, to the letter.'),
  externalId: z
    .string({ error: 'must be an externalId, sent once' })
    .refine(isValidUnicode, { error: 'must not hold the character NUL' })
    .optional()
    .describe('To the letter: no client has it, or one.'),
  attribute: z
    .string({ error: 'must be name=value, sent once' })
    .refine((text) => /^[^=]+=/.test(text) && isValidUnicode(text), { error: 'must be name=value' })
    .optional()
    .describe('name=value: one of its attributes, which is the value or holds it.'),
  grantType: enumParameter(clientGrantTypes),
  tokenEndpointAuthMethod: enumParameter(authenticationMethods.map(({ name }) => name)).describe(
    'One of its methods, its own or an additional one.',
  ),
  redirectHost: z
    .string({ error: 'must be a host, sent once' })
    .regex(/^[A-Za-z0-9.[\]:-]{1,253}$/, { error: 'must be a host, sent once' })
    .optional()
    .describe('The host of a redirect URI, without its port.'),
  expiresWithin: integerParameter(0, 3_650).describe('Days in which it ends; 0: it has ended.'),
  unused: integerParameter(0, 3_650).describe('Days since it was last used, or made if it never was.'),
  status: enumParameter(['active', 'inactive']).describe('Another name of isActive.'),
})

type ClientListQuery = z.output<typeof clientListQuerySchema>

/** What a list query asks for. Throws a 400 problem where it says one thing in two ways. */
export function readClientListQuery(query: ClientListQuery, now: Date): Omit<ClientQuery, 'organisationId'> {
  rejectConflictingParameters(query)
  const sort = query.sort ?? '-createdAt'
  const active = query.isActive === undefined ? query.status && query.status === 'active' : query.isActive === 'true'
  return {
    ...pageOf(query),
    sort: {
      by: sortFields.find((field) => sort.endsWith(field)) ?? 'createdAt',
      descending: sort.startsWith('-') || query.order === 'desc',
    },
    search: query.search?.trim() || undefined,
    clientType: query.clientType,
    isActive: active,
    group: query.group,
    externalId: query.externalId,
    attribute: query.attribute === undefined ? undefined : readAttribute(query.attribute),
    grantType: query.grantType,
    authMethod: query.tokenEndpointAuthMethod,
    redirectHost: query.redirectHost,
    expiringBefore:
      query.expiresWithin === undefined ? undefined : addSeconds(now, Number(query.expiresWithin) * 86_400),
    unusedSince: query.unused === undefined ? undefined : addSeconds(now, -Number(query.unused) * 86_400),
  }
}

/** The page that a query asks for. Throws a 400 problem where it says so in two ways. */
export function readPage(query: PageQuery): { limit: number; offset: number } {
  rejectConflictingParameters(query)
  return pageOf(query)
}

function readAttribute(text: string): { name: string; value: string } {
  const [name = ''] = text.split('=', 1)
  return { name, value: text.slice(name.length + 1) }
}

function pageOf(query: PageQuery): { limit: number; offset: number } {
  const limit = Number(query.limit ?? query.per_page ?? DEFAULT_LIMIT)
  return {
    limit,
    offset: query.offset === undefined ? (Number(query.page ?? 1) - 1) * limit : Number(query.offset),
  }
}

function rejectConflictingParameters(query: ClientListQuery): void {
  const pairs: [keyof ClientListQuery, keyof ClientListQuery][] = [
    ['offset', 'page'],
    ['per_page', 'limit'],
    ['status', 'isActive'],
  ]
  const issues: ValidationIssue[] = pairs
    .filter(([one, other]) => query[one] !== undefined && query[other] !== undefined)
    .map(([one, other]) => ({ path: [one], code: 'custom', message: `must not be sent beside ${other}` }))
  if (query.order !== undefined && (query.sort ?? '-').startsWith('-')) {
    issues.push({ path: ['order'], code: 'custom', message: 'goes with a sort that has no hyphen before it' })
  }
  if (issues.length > 0) throw validationError(issues)
}

/** A page of a list, in the one envelope that all lists have. */
export const envelopeSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    total: z.int(),
    page: z.int(),
    limit: z.int(),
    offset: z.int(),
    pages: z.int(),
    pagination: z.object({ total: z.int(), limit: z.int(), offset: z.int() }),
  })

/** The same of a list that may be too long to be counted. */
export const cappedEnvelopeSchema = <Item extends z.ZodType>(item: Item) =>
  envelopeSchema(item).extend({
    moreThanTotal: z.boolean().describe('Whether there may be more than total says: no more than 1,000 are counted.'),
  })

export const clientListSchema = envelopeSchema(clientSchema)

export function listEnvelope<Item>(data: Item[], total: number, { limit, offset }: { limit: number; offset: number }) {
  return {
    data,
    total,
    page: Math.floor(offset / limit) + 1,
    limit,
    offset,
    pages: Math.ceil(total / limit),
    pagination: { total, limit, offset },
  }
}
