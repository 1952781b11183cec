// `admin/clients/lifecycle` owns the routes that enable, disable, clone and revoke a client.
// Each route changes the client and records an audit event in one transaction.
// Updating settings belongs to `admin/clients/update`.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../../http/server/allowed-methods.ts'
import type { AdminAccess } from '../../context.ts'
import type { ClientAdministration } from '../client-administration.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { clientParams, clientWithSecretSchema } from '../representation.ts'
import { updateResponseSchema, readConditions, sendUpdated, sendCreated } from '../update/update-request.ts'
import { propertyUpdate } from '../update/client-update.ts'

const tags = ['Clients']

const cloneRequestSchema = z
  .strictObject({ name: field.displayName.optional() }, { error: 'must be a JSON object with nothing but a name' })
  .nullish()

/** What begins and ends the use of a client. */
export function clientLifecycleRoutes(
  scope: FastifyInstance,
  clients: ClientAdministration,
  { requirePermission, contextOf }: AdminAccess,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  routes.post(
    '/v1/admin/clients/:id/clone',
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Register a client like another',
        description:
          'Needs clients:create. It has the settings of the other, its public keys included, and a clientId and a secret of its own; it is active and has no end. Grants and secrets of the other stay with the other.',
        params: clientParams,
        querystring: dryRunQuerySchema,
        body: cloneRequestSchema,
        response: { 200: dryRunSchema.describe('With dryRun.'), 201: clientWithSecretSchema },
      },
    },
    async (request, reply) => {
      const dryRun = request.query.dryRun === 'true'
      return sendCreated(reply, await clients.clone(contextOf(request), request.params.id, request.body?.name, dryRun))
    },
  )
  rejectOtherMethods(scope, '/v1/admin/clients/:id/clone', ['POST'])

  for (const [action, isActive] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    routes.post(
      `/v1/admin/clients/:id/${action}`,
      {
        onRequest: requirePermission('clients:update'),
        schema: {
          tags,
          summary: isActive ? 'Enable a client' : 'Disable a client',
          description: isActive
            ? 'Needs clients:update. What it was given before it was disabled works again, unless it was revoked.'
            : 'Needs clients:update. It gets nothing, and nothing that it holds works, until it is enabled again.',
          params: clientParams,
          querystring: dryRunQuerySchema,
          response: { 200: updateResponseSchema },
        },
      },
      async (request, reply) => {
        const revision = propertyUpdate({ isActive })
        return sendUpdated(
          reply,
          await clients.change(contextOf(request), request.params.id, revision, readConditions(request)),
        )
      },
    )
    rejectOtherMethods(scope, `/v1/admin/clients/:id/${action}`, ['POST'])
  }

  routes.post(
    '/v1/admin/clients/:id/revoke',
    {
      onRequest: requirePermission('clients:delete'),
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
      await clients.revoke(contextOf(request), request.params.id)
      return { message: 'The client is revoked: it is inactive, and all that was issued to it is void.' }
    },
  )

  rejectOtherMethods(scope, '/v1/admin/clients/:id/revoke', ['POST'])
}
