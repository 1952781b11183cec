import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import type { ClientAuditEventReader } from '../../model/audit/audit-event.ts'
import type { AdminAccess } from '../context.ts'
import type { ClientAdministration } from './client-administration.ts'
import { envelopeSchema, listEnvelope, pageQuerySchema, readPage } from './list-query.ts'
import { clientParams } from './representation.ts'

/** What somebody, or the server by itself, has done to a client. */
const eventSchema = z.object({
  id: z.string(),
  occurredAt: z.string().describe('ISO 8601.'),
  type: z.string(),
  action: z.string(),
  success: z.boolean(),
  userId: z.string().nullable().describe('Who did it; null: the client itself, or the server.'),
  email: z.string().nullable(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
})

export function clientEventRoutes(
  scope: FastifyInstance,
  { clients, clientAuditEvents }: { clients: ClientAdministration; clientAuditEvents: ClientAuditEventReader },
  { requirePermission, contextOf }: AdminAccess,
): void {
  const url = '/v1/admin/clients/:id/events'
  scope.withTypeProvider<ZodTypeProvider>().get(
    url,
    {
      onRequest: requirePermission('audit:read'),
      schema: {
        tags: ['Clients'],
        summary: 'List what was done to a client',
        description:
          'Needs audit:read. By whom and from where, the newest first; sign-ins and tokens are not among it.',
        params: clientParams,
        querystring: pageQuerySchema,
        response: { 200: envelopeSchema(eventSchema) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const client = await clients.get(contextOf(request), request.params.id)
      const { events, total } = await clientAuditEvents.list(client, page)
      const shown = events.map((event) => ({ ...event, occurredAt: event.occurredAt.toISOString() }))
      return listEnvelope(shown, total, page)
    },
  )
  rejectOtherMethods(scope, url, ['GET'])
}
