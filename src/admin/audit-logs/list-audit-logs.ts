import { z } from 'zod'
import { MAX_COUNTED_EVENTS, type AuditLogReader } from '../../model/audit/audit-log.ts'
import { adminOperation } from '../operation.ts'
import { cappedEnvelopeSchema, listEnvelope, pageOf } from '../paging.ts'
import { auditLogListQuerySchema, describeFilter, readAuditLogFilter, readCursor, toCursor } from './audit-log-query.ts'
import { AUDIT_LOGS_PATH, AUDIT_LOGS_TAG, auditLogSchema, representAuditLog } from './audit-log-representation.ts'
import { readRecorder, recordFollowingRead, recordRead, type ReadRecorder } from './record-read.ts'

const auditLogListSchema = cappedEnvelopeSchema(auditLogSchema).extend({
  moreThanTotal: z.boolean().describe('Whether there are more than total: at most 10,000 are counted.'),
  nextCursor: z.string().nullable().describe('The cursor of the next page, for after; null on the last one.'),
})

export const listAuditLogsOperation = (services: ReadRecorder & { auditLog: AuditLogReader }) =>
  adminOperation({
    method: 'GET',
    path: AUDIT_LOGS_PATH,
    operationId: 'listAuditLogs',
    tag: AUDIT_LOGS_TAG,
    permission: 'audit:read',
    summary: 'List the audit events of the organisation',
    description:
      'The newest first, unless sorted otherwise. Reading the log is an audit event itself, with the filter; the pages that follow by cursor within an hour belong to the same read.',
    schema: { querystring: auditLogListQuerySchema, response: { 200: auditLogListSchema } },
    errors: [400],
    async handle({ context, request }) {
      const { query } = request
      const recorder = readRecorder(services, request)
      const filter = readAuditLogFilter(query, context.organisationId)
      const cursor = query.after === undefined ? undefined : readCursor(query.after)
      const page = {
        ...pageOf(query),
        descending: query.sort === undefined || query.sort.startsWith('-'),
        after: cursor,
      }
      const metadata = { filter: describeFilter(query) }
      const [total, { entries, end }] = await Promise.all([
        services.auditLog.count(filter),
        services.auditLog.read(filter, page),
      ])
      const readId = cursor
        ? await recordFollowingRead(recorder, context, metadata, cursor.readId)
        : await recordRead(recorder, context, metadata)
      return {
        ...listEnvelope(entries.map(representAuditLog), Math.min(total, MAX_COUNTED_EVENTS), page),
        moreThanTotal: total > MAX_COUNTED_EVENTS,
        nextCursor: end ? toCursor({ ...end, readId }) : null,
      }
    },
  })
