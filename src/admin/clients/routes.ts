import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import type { ConsentRepository } from '../../model/grants/consent.ts'
import type { ClientAuditEventReader } from '../../model/audit/audit-event.ts'
import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { createAdminAccess, type AdminAccessOptions } from '../context.ts'
import { createClientAdministration, type ClientAdministrationOptions } from './client-administration.ts'
import { clientListQuerySchema, clientListSchema, listEnvelope, readClientListQuery } from './list-query.ts'
import { clientChangeSchema, newClientSchema } from '../../clients/settings/schema.ts'
import { dryRunQuerySchema, dryRunSchema } from './dry-run.ts'
import { createConsentAdministration } from './consents/consent-administration.ts'
import { clientConsentRoutes } from './consents/routes.ts'
import { clientEventRoutes } from './list-events.ts'
import { clientGrantRoutes } from './grants/routes.ts'
import { clientLifecycleRoutes } from './lifecycle/routes.ts'
import { lint, warningSchema } from '../../clients/settings/lint.ts'
import { clientParams, clientSchema, clientWithSecretSchema, representClient } from './representation.ts'
import {
  acceptPatchBodies,
  deferBodyValidation,
  updateResponseSchema,
  readConditions,
  patchMediaTypes,
  readClientUpdate,
  sendUpdated,
  sendCreated,
} from './update/update-request.ts'
import { replacementUpdate } from './update/client-update.ts'
import { createSecretAdministration } from './secrets/secret-administration.ts'
import { clientTestRoutes } from './test/routes.ts'
import type { ClientTestOptions } from './test/test-client.ts'
import { clientSecretRoutes } from './secrets/routes.ts'

export interface ClientAdminOptions
  extends ClientAdministrationOptions, Omit<ClientTestOptions, 'clients'>, AdminAccessOptions {
  clientAuditEvents: ClientAuditEventReader
  consents: ConsentRepository
}

const tags = ['Clients']
const deleted = z.null().describe('Deleted.')
/** `/v1/admin/clients`: the clients of an organisation, kept by its administrators. */
export function clientAdminRoutes(scope: FastifyInstance, options: ClientAdminOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const clients = createClientAdministration(options)
  const { requirePermission, contextOf } = createAdminAccess(options)
  acceptPatchBodies(scope)

  routes.post(
    '/v1/admin/clients',
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Register a client',
        description: 'Needs clients:create. The secret of a confidential client is in this answer and nowhere else.',
        querystring: dryRunQuerySchema,
        body: newClientSchema,
        response: { 200: dryRunSchema.describe('With dryRun.'), 201: clientWithSecretSchema },
      },
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === 'true'
      return sendCreated(reply, await clients.register(contextOf(request), request.body, dryRun))
    },
  )

  routes.get(
    '/v1/admin/clients',
    {
      onRequest: requirePermission('clients:read'),
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
      const { clients: page, total } = await clients.list(contextOf(request), query)
      return listEnvelope(page.map(representClient), total, query)
    },
  )

  routes.get(
    '/v1/admin/clients/:id',
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'Read a client',
        description: 'Needs clients:read. The ETag names the state that the client is in.',
        params: clientParams,
        response: { 200: clientSchema },
      },
    },
    async (request, reply) => {
      const client = await clients.get(contextOf(request), request.params.id)
      return sendWithEtag(request, reply, entityTag(client.version), representClient(client))
    },
  )

  routes.patch(
    '/v1/admin/clients/:id',
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Change a client',
        description:
          'Needs clients:update. As application/json, members that are left out stay as they are, and null takes away those that may be absent. As application/merge-patch+json (RFC 7396) or application/json-patch+json (RFC 6902) it is applied to what GET shows. With If-Match, only if nobody has changed the client since.',
        consumes: [...patchMediaTypes],
        params: clientParams,
        querystring: dryRunQuerySchema,
        body: clientChangeSchema,
        response: { 200: updateResponseSchema },
      },
      validatorCompiler: deferBodyValidation,
    },
    async (request, reply) => {
      const changed = await clients.change(
        contextOf(request),
        request.params.id,
        readClientUpdate(request),
        readConditions(request),
      )
      return sendUpdated(reply, changed)
    },
  )

  routes.put(
    '/v1/admin/clients/:id',
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Replace a client',
        description:
          'Needs clients:update. The body is the client as it is to be, such as GET has shown it: what is left out goes back to its default, but isActive, which stays; what the server sets may be there unchanged. With If-Match, only if nobody has changed the client since.',
        params: clientParams,
        querystring: dryRunQuerySchema,
        body: clientChangeSchema,
        response: { 200: updateResponseSchema },
      },
      validatorCompiler: deferBodyValidation,
    },
    async (request, reply) => {
      const revision = replacementUpdate(request.body)
      return sendUpdated(
        reply,
        await clients.change(contextOf(request), request.params.id, revision, readConditions(request)),
      )
    },
  )

  routes.delete(
    '/v1/admin/clients/:id',
    {
      onRequest: requirePermission('clients:delete'),
      schema: {
        tags,
        summary: 'Delete a client',
        description:
          'Needs clients:delete. Final: all that was issued to it is void, and its clientId is never reused. With If-Match, only if nobody has changed the client since.',
        params: clientParams,
        querystring: dryRunQuerySchema,
        response: { 200: dryRunSchema.describe('With dryRun.'), 204: deleted },
      },
    },
    async (request, reply) => {
      const removed = await clients.remove(contextOf(request), request.params.id, readConditions(request))
      return removed === true ? reply.status(204).send(null) : removed
    },
  )

  routes.get(
    '/v1/admin/clients/:id/lint',
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'Read what is risky in a client',
        description: 'Needs clients:read. Settings that are allowed, why they are risky, and what would be better.',
        params: clientParams,
        response: { 200: z.object({ data: z.array(warningSchema) }) },
      },
    },
    async (request) => ({ data: lint(await clients.get(contextOf(request), request.params.id)) }),
  )

  rejectOtherMethods(scope, '/v1/admin/clients', ['GET', 'POST'])
  rejectOtherMethods(scope, '/v1/admin/clients/:id', ['GET', 'PUT', 'PATCH', 'DELETE'])
  rejectOtherMethods(scope, '/v1/admin/clients/:id/lint', ['GET'])
  clientLifecycleRoutes(scope, clients, { requirePermission, contextOf })
  clientEventRoutes(scope, { ...options, clients }, { requirePermission, contextOf })
  clientTestRoutes(scope, { ...options, administration: clients }, { requirePermission, contextOf })
  clientConsentRoutes(scope, createConsentAdministration({ ...options, administration: clients }), {
    requirePermission,
    contextOf,
  })
  clientGrantRoutes(scope, clients, { requirePermission, contextOf })
  clientSecretRoutes(scope, createSecretAdministration({ ...options, administration: clients }), {
    requirePermission,
    contextOf,
  })
}
