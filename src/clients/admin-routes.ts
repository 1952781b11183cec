import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import type { ConsentRepository } from '../model/consent.ts'
import type { ClientEventReader } from '../model/security-event.ts'
import { entityTag, sendTagged } from '../http/conditional.ts'
import { createActors, type ActorOptions } from './actor-routes.ts'
import { createClientAdministration, type ClientAdministrationOptions } from './administration.ts'
import { clientListQuerySchema, clientListSchema, listEnvelope, readClientListQuery } from './client-list.ts'
import { clientChangeSchema, newClientSchema } from './metadata.ts'
import { rehearsalQuerySchema, rehearsalSchema } from './rehearsal.ts'
import { createConsentAdministration } from './consent-administration.ts'
import { clientConsentRoutes } from './consent-routes.ts'
import { clientEventRoutes } from './event-routes.ts'
import { clientGrantRoutes } from './grant-routes.ts'
import { clientLifeRoutes } from './life-routes.ts'
import { lint, warningSchema } from './lint.ts'
import { clientParams, clientSchema, clientWithSecretSchema, representClient } from './representation.ts'
import {
  acceptPatches,
  bodyReadLater,
  changedSchema,
  conditionsOf,
  patchTypes,
  revisionOf,
  sendChanged,
  sendCreated,
} from './revision-routes.ts'
import { replacing } from './revision.ts'
import { createSecretAdministration } from './secret-administration.ts'
import { clientTestRoutes } from './client-test-routes.ts'
import type { ClientTestOptions } from './client-test.ts'
import { clientSecretRoutes } from './secret-routes.ts'

export interface ClientAdminOptions
  extends ClientAdministrationOptions, Omit<ClientTestOptions, 'clients'>, ActorOptions {
  clientEvents: ClientEventReader
  consents: ConsentRepository
}

const tags = ['Clients']
const deleted = z.null().describe('Deleted.')
/** `/v1/admin/clients`: the clients of an organisation, kept by its administrators. */
export function clientAdminRoutes(scope: FastifyInstance, options: ClientAdminOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const clients = createClientAdministration(options)
  const { needs, actorOf } = createActors(options)
  acceptPatches(scope)

  routes.post(
    '/v1/admin/clients',
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Register a client',
        description: 'Needs clients:create. The secret of a confidential client is in this answer and nowhere else.',
        querystring: rehearsalQuerySchema,
        body: newClientSchema,
        response: { 200: rehearsalSchema.describe('With dryRun.'), 201: clientWithSecretSchema },
      },
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === 'true'
      return sendCreated(reply, await clients.register(actorOf(request), request.body, dryRun))
    },
  )

  routes.get(
    '/v1/admin/clients',
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'List clients',
        description: 'Needs clients:read. The newest first, unless sorted otherwise.',
        querystring: clientListQuerySchema,
        response: { 200: clientListSchema },
      },
    },
    async (request) => {
      const query = readClientListQuery(request.query, options.clock.now())
      const { clients: page, total } = await clients.list(actorOf(request), query)
      return listEnvelope(page.map(representClient), total, query)
    },
  )

  routes.get(
    '/v1/admin/clients/:id',
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'Read a client',
        description: 'Needs clients:read. The ETag names the state that the client is in.',
        params: clientParams,
        response: { 200: clientSchema },
      },
    },
    async (request, reply) => {
      const client = await clients.get(actorOf(request), request.params.id)
      return sendTagged(request, reply, entityTag(client.version), representClient(client))
    },
  )

  routes.patch(
    '/v1/admin/clients/:id',
    {
      onRequest: needs('clients:update'),
      schema: {
        tags,
        summary: 'Change a client',
        description:
          'Needs clients:update. As application/json, members that are left out stay as they are, and null takes away those that may be absent. As application/merge-patch+json (RFC 7396) or application/json-patch+json (RFC 6902) it is applied to what GET shows. With If-Match, only if nobody has changed the client since.',
        consumes: [...patchTypes],
        params: clientParams,
        querystring: rehearsalQuerySchema,
        body: clientChangeSchema,
        response: { 200: changedSchema },
      },
      validatorCompiler: bodyReadLater,
    },
    async (request, reply) => {
      const changed = await clients.change(
        actorOf(request),
        request.params.id,
        revisionOf(request),
        conditionsOf(request),
      )
      return sendChanged(reply, changed)
    },
  )

  routes.put(
    '/v1/admin/clients/:id',
    {
      onRequest: needs('clients:update'),
      schema: {
        tags,
        summary: 'Replace a client',
        description:
          'Needs clients:update. The body is the client as it is to be, such as GET has shown it: what is left out goes back to its default, but isActive, which stays; what the server sets may be there unchanged. With If-Match, only if nobody has changed the client since.',
        params: clientParams,
        querystring: rehearsalQuerySchema,
        body: clientChangeSchema,
        response: { 200: changedSchema },
      },
      validatorCompiler: bodyReadLater,
    },
    async (request, reply) => {
      const revision = replacing(request.body)
      return sendChanged(
        reply,
        await clients.change(actorOf(request), request.params.id, revision, conditionsOf(request)),
      )
    },
  )

  routes.delete(
    '/v1/admin/clients/:id',
    {
      onRequest: needs('clients:delete'),
      schema: {
        tags,
        summary: 'Delete a client',
        description:
          'Needs clients:delete. Final: all that was issued to it is void, and its clientId is never reused. With If-Match, only if nobody has changed the client since.',
        params: clientParams,
        querystring: rehearsalQuerySchema,
        response: { 200: rehearsalSchema.describe('With dryRun.'), 204: deleted },
      },
    },
    async (request, reply) => {
      const removed = await clients.remove(actorOf(request), request.params.id, conditionsOf(request))
      return removed === true ? reply.status(204).send(null) : removed
    },
  )

  routes.get(
    '/v1/admin/clients/:id/lint',
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'Read what is risky in a client',
        description: 'Needs clients:read. Settings that are allowed, why they are risky, and what would be better.',
        params: clientParams,
        response: { 200: z.object({ data: z.array(warningSchema) }) },
      },
    },
    async (request) => ({ data: lint(await clients.get(actorOf(request), request.params.id)) }),
  )

  refuseOtherMethods(scope, '/v1/admin/clients', ['GET', 'POST'])
  refuseOtherMethods(scope, '/v1/admin/clients/:id', ['GET', 'PUT', 'PATCH', 'DELETE'])
  refuseOtherMethods(scope, '/v1/admin/clients/:id/lint', ['GET'])
  clientLifeRoutes(scope, clients, { needs, actorOf })
  clientEventRoutes(scope, { ...options, clients }, { needs, actorOf })
  clientTestRoutes(scope, { ...options, administration: clients }, { needs, actorOf })
  clientConsentRoutes(scope, createConsentAdministration({ ...options, administration: clients }), { needs, actorOf })
  clientGrantRoutes(scope, clients, { needs, actorOf })
  clientSecretRoutes(scope, createSecretAdministration({ ...options, administration: clients }), { needs, actorOf })
}
