import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import type { Actors } from './actor-routes.ts'
import type { ClientAdministration } from './administration.ts'
import * as field from './metadata-fields.ts'
import { rehearsalQuerySchema, rehearsalSchema } from './rehearsal.ts'
import { clientParams, clientWithSecretSchema } from './representation.ts'
import { changedSchema, conditionsOf, sendChanged, sendCreated } from './revision-routes.ts'
import { settingMembers } from './revision.ts'

const tags = ['Clients']

const likeness = z
  .strictObject({ name: field.displayName.optional() }, { error: 'must be a JSON object with nothing but a name' })
  .nullish()

/** What begins and ends the use of a client. */
export function clientLifeRoutes(
  scope: FastifyInstance,
  clients: ClientAdministration,
  { needs, actorOf }: Actors,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/v1/admin/clients/:id/clone',
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Register a client like another',
        description:
          'Needs clients:create. It has the settings of the other, its public keys included, and a clientId and a secret of its own; it is active and has no end. Grants and secrets of the other stay with the other.',
        params: clientParams,
        querystring: rehearsalQuerySchema,
        body: likeness,
        response: { 200: rehearsalSchema.describe('With dryRun.'), 201: clientWithSecretSchema },
      },
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === 'true'
      return sendCreated(reply, await clients.clone(actorOf(request), request.params.id, request.body?.name, dryRun))
    },
  )
  refuseOtherMethods(scope, '/v1/admin/clients/:id/clone', ['POST'])

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
          params: clientParams,
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
        params: clientParams,
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
