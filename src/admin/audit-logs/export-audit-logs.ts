import { Readable } from 'node:stream'
import { z } from 'zod'
import type { AuditLogFilter, AuditLogPosition, AuditLogReader } from '../../model/audit/audit-log.ts'
import { adminOperation } from '../operation.ts'
import { csvHeader, toCsvLine } from './audit-log-csv.ts'
import { auditLogExportQuerySchema, describeFilter, readAuditLogFilter } from './audit-log-query.ts'
import { AUDIT_LOGS_PATH, AUDIT_LOGS_TAG, auditLogSchema, representAuditLog } from './audit-log-representation.ts'
import { readRecorder, recordRead, type ReadRecorder } from './record-read.ts'

const formats = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    head: '',
    line: (event: ExportedEvent) => `${JSON.stringify(event)}\n`,
  },
  csv: { type: 'text/csv; charset=utf-8; header=present', head: csvHeader, line: toCsvLine },
} as const

type ExportedEvent = ReturnType<typeof representAuditLog>

/** Events per statement. A chunk is read when the receiver has taken the previous one. */
const CHUNK_SIZE = 500

export const exportAuditLogsOperation = (services: ReadRecorder & { auditLog: Pick<AuditLogReader, 'read'> }) =>
  adminOperation({
    method: 'GET',
    path: `${AUDIT_LOGS_PATH}/export`,
    operationId: 'exportAuditLogs',
    tag: AUDIT_LOGS_TAG,
    permission: 'audit:read',
    summary: 'Export the audit events of the organisation',
    description:
      'The oldest first, up to the time of the request, however many they are. In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe. If the export cannot be completed, the connection is closed before the end of the response.',
    schema: {
      querystring: auditLogExportQuerySchema,
      response: {
        200: {
          description: 'An event per line.',
          content: {
            'application/x-ndjson': { schema: auditLogSchema },
            'text/csv': { schema: z.string() },
          },
        },
      },
    },
    errors: [400],
    async handle({ context, request, reply }) {
      const { query } = request
      const filter = readAuditLogFilter(query, context.organisationId)
      const now = services.clock.now()
      const name = query.format ?? 'ndjson'
      const format = formats[name]
      const metadata = { filter: describeFilter(query), format: name }
      await recordRead(readRecorder(services, request), context, metadata, { type: 'audit.exported' })
      const until = filter.to !== undefined && filter.to < now ? filter.to : now
      const chunks = exportChunks(services.auditLog, { ...filter, to: until }, format)
      return reply
        .type(format.type)
        .header('content-disposition', `attachment; filename="audit-log-${now.toISOString().slice(0, 10)}.${name}"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(chunks, { objectMode: false, highWaterMark: 65_536 }) as never)
    },
  })

async function* exportChunks(
  auditLog: Pick<AuditLogReader, 'read'>,
  filter: AuditLogFilter,
  { head, line }: (typeof formats)[keyof typeof formats],
): AsyncGenerator<string> {
  if (head !== '') yield head
  let after: AuditLogPosition | undefined
  do {
    const { entries, end } = await auditLog.read(filter, { limit: CHUNK_SIZE, offset: 0, descending: false, after })
    if (entries.length > 0) yield entries.map((entry) => line(representAuditLog(entry))).join('')
    after = end
  } while (after)
}
