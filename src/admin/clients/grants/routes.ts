// `admin/clients/grants` owns the routes that list and revoke the grants of a client.
// Revoking a grant invalidates its codes, refresh tokens and access tokens at once.
// Creating grants belongs to `authorize` and `grants`.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../../http/server/allowed-methods.ts'
import type { AdminAccess } from '../../context.ts'
import type { ClientAdministration } from '../client-administration.ts'
import { cappedEnvelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../list-query.ts'
import { clientParams } from '../representation.ts'

const tags = ['Clients']
const GRANTS_PATH = '/v1/admin/clients/:id/grants'

/** What a person has allowed the client, as long as anything of it works. */
const grantSchema = z.object({
  id: z.string(),
  userId: z.string(),
  email: z.string(),
  scopes: z.array(z.string()),
  offline: z.boolean().describe('Whether it outlives the session in which it was given.'),
  createdAt: z.string(),
})
export const grantListSchema = cappedEnvelopeSchema(grantSchema)

/** What lives of what was issued to a client, and its end. */
export function clientGrantRoutes(
  scope: FastifyInstance,
  clients: ClientAdministration,
  { requirePermission, contextOf }: AdminAccess,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  routes.get(
    GRANTS_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'List what people have granted a client',
        description: 'Needs clients:read. What lives now, the newest first; tokens hang from these.',
        params: clientParams,
        querystring: pageQuerySchema,
        response: { 200: grantListSchema },
      },
    },
    async (request) => {
      const page = readPage(request.query)
      const { grants, total, moreThanTotal } = await clients.listGrants(contextOf(request), request.params.id, page)
      const shown = grants.map((grant) => ({ ...grant, createdAt: grant.createdAt.toISOString() }))
      return { ...listEnvelope(shown, total, page), moreThanTotal }
    },
  )

  routes.delete(
    GRANTS_PATH,
    {
      onRequest: requirePermission('clients:delete'),
      schema: {
        tags,
        summary: 'Revoke all that was issued to a client',
        description: 'Needs clients:delete. Its own tokens included. The client stays active and can ask anew.',
        params: clientParams,
        response: { 204: z.null().describe('Revoked.') },
      },
    },
    async (request, reply) => {
      await clients.revokeGrants(contextOf(request), request.params.id)
      return reply.status(204).send(null)
    },
  )

  routes.delete(
    `${GRANTS_PATH}/:grantId`,
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Revoke a grant of a client',
        description: 'Needs clients:update. All tokens that hang from it stop working at once.',
        params: clientParams.extend({ grantId: z.uuid({ error: 'must be the id of a grant' }) }),
        response: { 204: z.null().describe('Revoked.') },
      },
    },
    async (request, reply) => {
      await clients.revokeGrant(contextOf(request), request.params.id, request.params.grantId)
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, GRANTS_PATH, ['GET', 'DELETE'])
  rejectOtherMethods(scope, `${GRANTS_PATH}/:grantId`, ['DELETE'])
}
