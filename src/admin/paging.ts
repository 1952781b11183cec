import { z } from 'zod'
import { validationError } from '../http/errors/problem.ts'
import { isValidUnicode } from '../lib/text/unicode.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100

/** A whole number in a query string. The bounds keep every offset within what PostgreSQL can count to. */
export function integerParameter(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}, sent once`
  return z
    .string({ error })
    .refine((text) => /^\d{1,12}$/.test(text) && Number(text) >= min && Number(text) <= max, { error })
    .meta({ type: 'integer', minimum: min, maximum: max })
    .optional()
}

/** One of these names in a query string. */
export const enumParameter = <const Name extends string>(names: readonly Name[]) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}, sent once` }).optional()

/** The member that a list is sorted by. */
export const sortParameter = <const Name extends string>(names: readonly Name[]) =>
  enumParameter(names.flatMap((name) => [name, `-${name}` as const])).describe(
    'The member to sort by, with a hyphen in front for descending order; default name.',
  )

/** The order that such a parameter asks for. */
export function readSort<const Name extends string>(
  names: readonly Name[],
  sort = 'name',
): { by: Name | 'name'; descending: boolean } {
  const member = sort.replace('-', '')
  return { by: names.find((name) => name === member) ?? 'name', descending: sort.startsWith('-') }
}

/** Text to search for, in a query string. */
export const searchParameter = z
  .string({ error: 'must be text, sent once' })
  .max(200, { error: 'must have at most 200 characters' })
  .refine(isValidUnicode, { error: 'must not contain the character NUL' })
  .optional()

/** The query parameters that choose a page: `page` and `limit` (or `per_page`), or `offset` and `limit`. */
export const pageParameters = {
  page: integerParameter(1, 1_000_000).describe('The page, counted from 1.'),
  limit: integerParameter(1, MAX_LIMIT).describe(`The number of items on a page; default ${DEFAULT_LIMIT}.`),
  per_page: integerParameter(1, MAX_LIMIT).describe('Another name of limit.'),
  offset: integerParameter(0, 100_000_000).describe('The number of items to skip, instead of page.'),
}

/** The query string of a list that has no other parameters. */
export const pageQuerySchema = z.object(pageParameters)
export type PageQuery = z.output<typeof pageQuerySchema>

/** A page of a list. */
export interface Page {
  limit: number
  offset: number
}

/** Pairs of parameters that say the same. */
export const conflictingPageParameters = [
  ['offset', 'page'],
  ['per_page', 'limit'],
] as const

/** The page that a query string asks for. Throws a 400 problem where two parameters say the same. */
export function readPage(query: PageQuery): Page {
  const issues = conflictIssues(query, conflictingPageParameters)
  if (issues.length > 0) throw validationError(issues)
  return pageOf(query)
}

/** The page that a query string without conflicts asks for. */
export function pageOf(query: PageQuery): Page {
  const limit = Number(query.limit ?? query.per_page ?? DEFAULT_LIMIT)
  const offset = query.offset === undefined ? (Number(query.page ?? 1) - 1) * limit : Number(query.offset)
  return { limit, offset }
}

/** An issue for the first parameter of each pair that was sent together. */
export function conflictIssues<Query extends object>(
  query: Query,
  pairs: readonly (readonly [keyof Query & string, keyof Query & string])[],
): ValidationIssue[] {
  return pairs
    .filter(([one, other]) => query[one] !== undefined && query[other] !== undefined)
    .map(([one, other]) => ({ path: [one], code: 'custom', message: `must not be sent beside ${other}` }))
}

/** The response of a list: a page of items, and how many there are. */
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

/** The response of a list that may be too long to be counted. */
export const cappedEnvelopeSchema = <Item extends z.ZodType>(item: Item) =>
  envelopeSchema(item).extend({
    moreThanTotal: z.boolean().describe('Whether there may be more than total: at most 1,000 are counted.'),
  })

/** A page of items in the envelope. */
export function listEnvelope<Item>(data: Item[], total: number, { limit, offset }: Page) {
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
