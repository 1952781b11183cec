import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import { isValidUnicode } from '../../lib/text/unicode.ts'
import {
  userSortFields,
  userStatuses,
  type UserListPosition,
  type UserQuery,
} from '../../model/users/user-directory.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { conflictingPageParameters, conflictIssues, enumParameter, pageOf, pageParameters } from '../paging.ts'

const textParameter = (expected: string) =>
  z
    .string({ error: `must be ${expected}, sent once` })
    .max(254, { error: 'must have at most 254 characters' })
    .refine(isValidUnicode, { error: 'must not contain the character NUL' })
    .optional()

const statusNames = [...userStatuses, 'invited'] as const

/** The query string of the list of users. Filters may be sent with or without `filter[…]`. */
export const userListQuerySchema = z
  .object({
    ...pageParameters,
    cursor: textParameter('a cursor').describe('The nextCursor of the previous page. Replaces page and offset.'),
    sort: enumParameter(userSortFields.flatMap((field) => [field, `-${field}` as const])).describe(
      'The member to sort by, with a hyphen in front for descending order; default -createdAt.',
    ),
    order: enumParameter(['asc', 'desc']).describe('The order of a sort without a hyphen.'),
    search: textParameter('text').describe(
      'Part of the e-mail address, a name, the phone number, the id or the externalId. Case is ignored.',
    ),
    email: textParameter('an e-mail address').describe('The exact e-mail address.'),
    externalId: textParameter('an externalId').describe('The exact externalId.'),
    role: textParameter('a role').describe('The slug, name or id of a role that users have, also through a team.'),
    team: textParameter('a team').describe('The slug, name or id of a team.'),
    status: enumParameter(statusNames).describe('Default: all but deleted.'),
    mfaEnabled: enumParameter(['true', 'false']),
    'filter[search]': textParameter('text'),
    'filter[email]': textParameter('an e-mail address'),
    'filter[externalId]': textParameter('an externalId'),
    'filter[role]': textParameter('a role'),
    'filter[team]': textParameter('a team'),
    'filter[status]': enumParameter(statusNames),
    'filter[mfa_enabled]': enumParameter(['true', 'false', '1', '0']),
  })
  .catchall(z.unknown())

export type UserListQuery = z.output<typeof userListQuerySchema>

const synonyms = [
  ['search', 'filter[search]'],
  ['email', 'filter[email]'],
  ['externalId', 'filter[externalId]'],
  ['role', 'filter[role]'],
  ['team', 'filter[team]'],
  ['status', 'filter[status]'],
  ['mfaEnabled', 'filter[mfa_enabled]'],
  ['cursor', 'page'],
  ['cursor', 'offset'],
] as const

/**
 * Which users a query string asks for; undefined where no user can be among them. Throws a 400 problem where two parameters
 * say the same.
 */
export function readUserListQuery(
  query: UserListQuery,
  view: Pick<UserQuery, 'organisationId' | 'now' | 'teamIds' | 'attributes'>,
): UserQuery | undefined {
  const issues = conflictIssues(query, [...conflictingPageParameters, ...synonyms])
  if (issues.length > 0) throw validationError(issues)
  const sort = query.sort ?? '-createdAt'
  const by = userSortFields.find((field) => sort.endsWith(field)) ?? 'createdAt'
  const descending = sort.startsWith('-') || query.order === 'desc'
  const email = query.email ?? query['filter[email]']
  const status = query.status ?? query['filter[status]']
  const mfaEnabled = query.mfaEnabled ?? query['filter[mfa_enabled]']
  // Users who are invited have no account.
  if (status === 'invited') return undefined
  return {
    ...view,
    ...pageOf(query),
    sort: { by, descending },
    after: query.cursor === undefined ? undefined : readCursor(query.cursor, by),
    search: (query.search ?? query['filter[search]'])?.trim() || undefined,
    emailKey: email === undefined ? undefined : toEmailKey(email),
    externalId: query.externalId ?? query['filter[externalId]'],
    role: query.role ?? query['filter[role]'],
    team: query.team ?? query['filter[team]'],
    mfaEnabled: mfaEnabled === undefined ? undefined : mfaEnabled === 'true' || mfaEnabled === '1',
    status,
  }
}

const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const INSTANT_PATTERN = /^(?:-infinity|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::?\d\d)?)$/

/** The cursor of a position, for lists with this order. */
export function toCursor(position: UserListPosition, by: UserQuery['sort']['by']): string {
  return Buffer.from(JSON.stringify([by, position.value, position.id])).toString('base64url')
}

function readCursor(cursor: string, by: UserQuery['sort']['by']): UserListPosition {
  const parsed = cursorSchema.safeParse(decode(cursor))
  const [sortedBy, value = '', id = ''] = parsed.data ?? []
  const isValid = by === 'createdAt' ? UUID_PATTERN.test(value) : by !== 'lastLoginAt' || INSTANT_PATTERN.test(value)
  if (sortedBy !== by || !isValid || !isValidUnicode(value)) {
    const message = 'must be the nextCursor of a list in this order'
    throw validationError([{ path: ['cursor'], code: 'custom', message }])
  }
  return { value, id }
}

const cursorSchema = z.tuple([z.string(), z.string(), z.string().regex(UUID_PATTERN)])

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
