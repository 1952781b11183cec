import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import { isEventPattern, subscribedTypes } from '../../model/webhooks/webhook-events.ts'
import { eventBody } from '../../webhooks/event-body.ts'
import { readEvents, type EventFeedServices } from '../../webhooks/read-events.ts'
import type { AuditLogReader } from '../../model/audit/audit-log.ts'
import { readRecorder, recordFollowingRead, recordRead, type ReadRecorder } from '../audit-logs/record-read.ts'
import { adminOperation } from '../operation.ts'
import { integerParameter, searchParameter } from '../paging.ts'
import { eventSchema } from './event.ts'
import { readEventCursor, toEventCursor } from './event-cursor.ts'

export const EVENTS_TAG = 'Events'
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 500
const MAX_WAIT_SECONDS = 30

const querySchema = z.object({
  after: searchParameter.describe(
    'The nextCursor of the previous response; or latest for only what is new. Default: the oldest event that is stored.',
  ),
  limit: integerParameter(1, MAX_LIMIT).describe(`The number of events; default ${DEFAULT_LIMIT}.`),
  types: z
    .string({ error: 'must be names, sent once' })
    .max(2_000, { error: 'must have at most 2,000 characters' })
    .optional()
    .describe('Names of events, with commas between them: user.created, user.* or *. Default *.'),
  wait: integerParameter(0, MAX_WAIT_SECONDS).describe(
    'Without new events, wait for up to this many seconds; default 0.',
  ),
})

const eventListSchema = z.object({
  data: z.array(eventSchema).describe('Oldest first.'),
  nextCursor: z.string().describe('For after: continues where this response ends.'),
  hasMore: z.boolean().describe('Whether more events can be read at once.'),
})

export type EventListServices = ReadRecorder &
  EventFeedServices & {
    auditLog: Pick<AuditLogReader, 'find'>
    /** Whether the process is about to end. */
    isDraining: () => boolean
  }

export const listEventsOperation = (services: EventListServices) =>
  adminOperation({
    method: 'GET',
    path: '/v1/admin/events',
    operationId: 'listEvents',
    tag: EVENTS_TAG,
    permission: 'audit:read',
    summary: 'Follow the events of the organisation',
    description:
      'Events as webhooks send them, in the order in which they were stored. A cursor skips none. Following them is an audit event, once an hour.',
    schema: { querystring: querySchema, response: { 200: eventListSchema } },
    errors: [400],
    async handle({ context, request }) {
      const { query } = request
      const patterns = readTypes(query.types)
      const cursor = query.after === undefined || query.after === 'latest' ? undefined : readEventCursor(query.after)
      const recorder = readRecorder(services, request)
      const metadata = { filter: `events=${patterns.join(',')}` }
      const readId = cursor
        ? await recordFollowingRead(recorder, context, metadata, cursor.readId)
        : await recordRead(recorder, context, metadata)
      const names = new Map(subscribedTypes(patterns).map(({ type, event }) => [type, event]))
      const limit = Number(query.limit ?? DEFAULT_LIMIT)
      const { events, end } = await readEvents(services, {
        organisationId: context.organisationId,
        types: [...names.keys()],
        after: cursor ?? (query.after === 'latest' ? 'latest' : 'oldest'),
        limit,
        waitMs: Number(query.wait ?? 0) * 1000,
        isAbandoned: () => request.raw.destroyed || services.isDraining(),
      })
      return {
        data: events.map((event) => eventBody(event, names.get(event.type) ?? event.type)),
        nextCursor: toEventCursor({ ...end, readId }),
        hasMore: events.length === limit,
      }
    },
  })

function readTypes(types: string | undefined): string[] {
  const patterns = [...new Set((types ?? '*').split(',').map((name) => name.trim()))]
  const unknown = patterns.filter((pattern) => !isEventPattern(pattern))
  if (unknown.length === 0) return patterns
  throw validationError([{ path: ['types'], code: 'custom', message: `has unknown events: ${unknown.join(', ')}` }])
}
