import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import type { Actors } from './actor-routes.ts'
import type { ClientAdministration } from './administration.ts'
import { rehearsalQuerySchema } from './rehearsal.ts'
import { changedSchema, conditionsOf, sendChanged } from './revision-routes.ts'
import { settingMembers } from './revision.ts'

const tags = ['Clients']
const params = z.object({ id: z.string().describe('The id of the client, or its clientId.') })

/** What begins and ends the use of a client. */
export function clientLifeRoutes(
  scope: FastifyInstance,
  clients: ClientAdministration,
  { needs, actorOf }: Actors,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  for (const [action, isActive] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    routes.post(
      `/v1/admin/clients/:id/${action}`,
      {
        onRequest: needs('clients:update'),
        schema: {
          tags,
          summary: isActive ? 'Enable a client' : 'Disable a client',
          description: isActive
            ? 'Needs clients:update. What it was given before it was disabled works again, unless it was revoked.'
            : 'Needs clients:update. It gets nothing, and nothing that it holds works, until it is enabled again.',
          params,
          querystring: rehearsalQuerySchema,
          response: { 200: changedSchema },
        },
      },
      async (request, reply) => {
        const revision = settingMembers({ isActive })
        return sendChanged(
          reply,
          await clients.change(actorOf(request), request.params.id, revision, conditionsOf(request)),
        )
      },
    )
    refuseOtherMethods(scope, `/v1/admin/clients/:id/${action}`, ['POST'])
  }

  routes.post(
    '/v1/admin/clients/:id/revoke',
    {
      onRequest: needs('clients:delete'),
      schema: {
        tags,
        summary: 'Revoke a client',
        description:
          'Needs clients:delete. Makes it inactive and all that was issued to it void. It can be made active again; what is void stays so.',
        params,
        response: { 200: z.object({ message: z.string() }) },
      },
    },
    async (request) => {
      await clients.revoke(actorOf(request), request.params.id)
      return { message: 'The client is revoked: it is inactive, and all that was issued to it is void.' }
    },
  )

  refuseOtherMethods(scope, '/v1/admin/clients/:id/revoke', ['POST'])
}
