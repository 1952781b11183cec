import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../../http/server/allowed-methods.ts'
import type { AdminAccess } from '../../context.ts'
import { cappedEnvelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../list-query.ts'
import type { ConsentAdministration } from './consent-administration.ts'
import { clientParams } from '../representation.ts'

const tags = ['Clients']
const CONSENTS_PATH = '/v1/admin/clients/:id/consents'

const consentSchema = z.object({
  userId: z.string(),
  email: z.string(),
  scopes: z.array(z.string()),
  grantedAt: z.string().describe('ISO 8601. When the person last agreed to something.'),
})

/** What people have agreed to for a client, once for all of its requests. */
export function clientConsentRoutes(
  scope: FastifyInstance,
  consents: ConsentAdministration,
  { requirePermission, contextOf }: AdminAccess,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  routes.get(
    CONSENTS_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'List who has agreed to what for a client',
        description: 'Needs clients:read. What stands now, the newest first; nobody is asked for these scopes again.',
        params: clientParams,
        querystring: pageQuerySchema,
        response: { 200: cappedEnvelopeSchema(consentSchema) },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const found = await consents.list(contextOf(request), request.params.id, page)
      const shown = found.consents.map((consent) => ({ ...consent, grantedAt: consent.grantedAt.toISOString() }))
      return { ...listEnvelope(shown, found.total, page), moreThanTotal: found.moreThanTotal }
    },
  )

  routes.delete(
    CONSENTS_PATH,
    {
      onRequest: requirePermission('clients:delete'),
      schema: {
        tags,
        summary: 'Take back all consents to a client',
        description:
          'Needs clients:delete. Everybody is asked anew, and what they had granted has ended. The client stays active.',
        params: clientParams,
        response: { 204: z.null().describe('Taken back.') },
      },
    },
    async (request, reply) => {
      await consents.revokeAll(contextOf(request), request.params.id)
      return reply.status(204).send(null)
    },
  )

  routes.delete(
    `${CONSENTS_PATH}/:userId`,
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Take back the consent of one person to a client',
        description: 'Needs clients:update. The person is asked anew, and what they had granted the client has ended.',
        params: clientParams.extend({ userId: z.uuid({ error: 'must be the id of a user' }) }),
        response: { 204: z.null().describe('Taken back.') },
      },
    },
    async (request, reply) => {
      await consents.revoke(contextOf(request), request.params.id, request.params.userId)
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, CONSENTS_PATH, ['GET', 'DELETE'])
  rejectOtherMethods(scope, `${CONSENTS_PATH}/:userId`, ['DELETE'])
}
