import { z } from 'zod'
import { findClient, type ClientFinder } from '../../../clients/management/find-client.ts'
import type { ClientAuditEventReader } from '../../../model/audit/audit-event.ts'
import { changesSchema } from '../../audit-logs/audit-log-representation.ts'
import { readRecorder, recordRead, type ReadRecorder } from '../../audit-logs/record-read.ts'
import { adminOperation } from '../../operation.ts'
import { envelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../../paging.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

/** An audit event about a client. */
const eventSchema = z.object({
  id: z.string(),
  occurredAt: z.string().describe('ISO 8601.'),
  type: z.string(),
  action: z.string(),
  success: z.boolean(),
  userId: z.string().nullable().describe('The user who acted; null: the client itself, or the server.'),
  email: z.string().nullable(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  changes: changesSchema,
})

export const listClientEventsOperation = (
  services: ClientFinder & ReadRecorder & { clientAuditEvents: ClientAuditEventReader },
) =>
  adminOperation({
    method: 'GET',
    path: `${CLIENT_PATH}/events`,
    operationId: 'listClientEvents',
    tag: CLIENTS_TAG,
    permission: 'audit:read',
    summary: 'List the audit events of a client',
    description:
      'The changes to the client with their authors, the newest first. Sign-ins and tokens are not included.',
    schema: { params: clientParams, querystring: pageQuerySchema, response: { 200: envelopeSchema(eventSchema) } },
    errors: [400, 404],
    async handle({ context, request }) {
      const page = readPage(request.query)
      const client = await findClient(services, context, request.params.id)
      await recordRead(readRecorder(services, request), context, { filter: `category=client&clientId=${client.id}` })
      const { events, total } = await services.clientAuditEvents.list(client, page)
      const data = events.map((event) => ({
        ...event,
        occurredAt: event.occurredAt.toISOString(),
        changes: event.changes ?? [],
      }))
      return listEnvelope(data, total, page)
    },
  })
