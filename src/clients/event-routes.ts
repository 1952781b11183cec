import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import type { ClientEventReader } from '../model/security-event.ts'
import type { Actors } from './actor-routes.ts'
import type { ClientAdministration } from './administration.ts'
import { envelopeOf, listEnvelope, pageQuerySchema, readPage } from './client-list.ts'
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
  { clients, clientEvents }: { clients: ClientAdministration; clientEvents: ClientEventReader },
  { needs, actorOf }: Actors,
): void {
  const url = '/v1/admin/clients/:id/events'
  scope.withTypeProvider<ZodTypeProvider>().get(
    url,
    {
      onRequest: needs('audit:read'),
      schema: {
        tags: ['Clients'],
        summary: 'List what was done to a client',
        description:
          'Needs audit:read. By whom and from where, the newest first; sign-ins and tokens are not among it.',
        params: clientParams,
        querystring: pageQuerySchema,
        response: { 200: envelopeOf(eventSchema) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const client = await clients.get(actorOf(request), request.params.id)
      const { events, total } = await clientEvents.list(client, page)
      const shown = events.map((event) => ({ ...event, occurredAt: event.occurredAt.toISOString() }))
      return listEnvelope(shown, total, page)
    },
  )
  refuseOtherMethods(scope, url, ['GET'])
}
