import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import { isValidUnicode } from '../../lib/text/unicode.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { AuditLogFilter, AuditLogPosition } from '../../model/audit/audit-log.ts'
import { auditEventTypesWith } from '../../model/audit/audit-event-types.ts'
import { conflictingPageParameters, conflictIssues, enumParameter, pageParameters } from '../paging.ts'

const text = (expected: string) =>
  z
    .string({ error: `must be ${expected}, sent once` })
    .max(254, { error: 'must have at most 254 characters' })
    .refine(isValidUnicode, { error: 'must not contain the character NUL' })
    .optional()

const categories = ['auth', 'user', 'client', 'permission', 'system'] as const
const actions = ['create', 'read', 'update', 'delete', 'login', 'logout'] as const
const uuid = (expected: string) => z.uuid({ error: `must be ${expected}, sent once` }).optional()

const DAY = /^\d{4}-\d{2}-\d{2}$/
const instant = z
  .string({ error: 'must be an instant or a day, sent once' })
  .refine((value) => isDay(value) || z.iso.datetime({ offset: true }).safeParse(value).success, {
    error: 'must be an instant such as 2027-01-31T12:00:00Z, or a day such as 2027-01-31',
  })
  .optional()

/** The parameters that choose events, as the list and the export have them. */
export const auditLogFilterParameters = {
  type: text('a type').describe('The type of the event, such as user.login.failed; several with commas between them.'),
  eventType: text('a type').describe('Another name of type.'),
  category: enumParameter(categories),
  eventCategory: enumParameter(categories).describe('Another name of category.'),
  action: enumParameter(actions),
  success: enumParameter(['true', 'false']),
  userId: uuid('the id of a user').describe('The user who acted, or who tried to sign in.'),
  clientId: text('a client').describe('The client concerned: its id or its client_id.'),
  resourceType: text('a type of resource').describe('The type of the resource, such as user, role or session.'),
  resourceId: text('an id').describe('The id of the resource.'),
  from: instant.describe('Only events at or after this instant or day (UTC).'),
  to: instant.describe('Only events before this instant, or until the end of this day (UTC).'),
  startDate: instant.describe('Another name of from.'),
  endDate: instant.describe('Another name of to.'),
  search: text('text').describe(
    'The e-mail address or id of a user, the id or client_id of a client, the id of a resource, or the id of an event, as a whole.',
  ),
}

export const auditLogListQuerySchema = z.object({
  ...pageParameters,
  after: text('a cursor').describe('The nextCursor of the previous page. Replaces page and offset.'),
  sort: enumParameter(['createdAt', '-createdAt', 'occurredAt', '-occurredAt']).describe(
    'By time; with a hyphen, which is the default, the newest first.',
  ),
  ...auditLogFilterParameters,
})

export const auditLogExportQuerySchema = z.object({
  format: enumParameter(['ndjson', 'csv']).describe('Default ndjson: an event in JSON per line.'),
  ...auditLogFilterParameters,
})

type FilterParameters = z.output<z.ZodObject<typeof auditLogFilterParameters>>

const synonyms = [
  ['eventType', 'type'],
  ['eventCategory', 'category'],
  ['startDate', 'from'],
  ['endDate', 'to'],
] as const

/** Which events a query string asks for. Throws a 400 problem where two parameters say the same. */
export function readAuditLogFilter(query: FilterParameters, organisationId: string): AuditLogFilter {
  const pageConflicts = conflictIssues(query as z.output<typeof auditLogListQuerySchema>, [
    ...conflictingPageParameters,
    ['after', 'page'],
    ['after', 'offset'],
  ])
  const issues: ValidationIssue[] = [...conflictIssues(query, synonyms), ...pageConflicts]
  if (issues.length > 0) throw validationError(issues)
  const { success, userId, clientId, resourceType, resourceId, search } = query
  const from = query.from ?? query.startDate
  const to = query.to ?? query.endDate
  return {
    organisationId,
    types: typesOf(
      query.type ?? query.eventType,
      query.category ?? query.eventCategory,
      query.action,
      success === undefined ? undefined : success === 'true',
    ),
    userId,
    clientId,
    resourceType,
    resourceId,
    search: search?.trim() || undefined,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : endOf(to),
  }
}

/** Category, action and success follow from the type: they ask for the types that have them. */
function typesOf(
  type: string | undefined,
  category: string | undefined,
  action: string | undefined,
  success: boolean | undefined,
): readonly string[] | undefined {
  const named = type?.split(',').map((name) => name.trim())
  if (category === undefined && action === undefined && success === undefined) return named && [...new Set(named)]
  const types = auditEventTypesWith(category, action, success)
  return named === undefined ? types : types.filter((name) => named.includes(name))
}

const DAY_MS = 86_400_000
const isDay = (value: string) => DAY.test(value) && !Number.isNaN(Date.parse(value))
const endOf = (value: string) => new Date(Date.parse(value) + (isDay(value) ? DAY_MS : 0))

/** The filters that were used, for the event of the read: `category=auth&from=…`, by name. */
export function describeFilter(query: FilterParameters): string {
  const used = Object.keys(auditLogFilterParameters).toSorted() as (keyof FilterParameters)[]
  const given = used.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]]))
  return new URLSearchParams(given).toString()
}

/** Where a page ends, and the event that recorded the read it belongs to. */
export interface AuditLogCursor extends AuditLogPosition {
  readId: string
}

export function toCursor({ occurredAt, id, readId }: AuditLogCursor): string {
  return Buffer.from(JSON.stringify([occurredAt.toISOString(), id, readId])).toString('base64url')
}

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid(), z.uuid()])

/** Throws a 400 problem for anything but a cursor of `toCursor`. */
export function readCursor(cursor: string): AuditLogCursor {
  const parsed = cursorSchema.safeParse(decode(cursor))
  if (!parsed.success) {
    throw validationError([{ path: ['after'], code: 'custom', message: 'must be the nextCursor of a page' }])
  }
  const [occurredAt, id, readId] = parsed.data
  return { occurredAt: new Date(occurredAt), id, readId }
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
