import { z } from 'zod'
import { notFound } from '../../http/errors/problem.ts'
import type { AuditLogReader } from '../../model/audit/audit-log.ts'
import { adminOperation } from '../operation.ts'
import { AUDIT_LOGS_PATH, AUDIT_LOGS_TAG, auditLogSchema, representAuditLog } from './audit-log-representation.ts'
import { readRecorder, recordRead, type ReadRecorder } from './record-read.ts'

export const getAuditLogOperation = (services: ReadRecorder & { auditLog: Pick<AuditLogReader, 'find'> }) =>
  adminOperation({
    method: 'GET',
    path: `${AUDIT_LOGS_PATH}/:id`,
    operationId: 'getAuditLog',
    tag: AUDIT_LOGS_TAG,
    permission: 'audit:read',
    summary: 'Read an audit event',
    description: 'This is an audit event itself.',
    schema: {
      params: z.object({ id: z.uuid({ error: 'must be the id of an audit event' }) }),
      response: { 200: auditLogSchema },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const { organisationId } = context
      const entry = await services.auditLog.find({ id: request.params.id, organisationId })
      if (!entry) throw notFound('There is no such audit event.')
      await recordRead(readRecorder(services, request), context, {}, { eventId: entry.id })
      return representAuditLog(entry)
    },
  })
