import type { FastifyRequest } from 'fastify'
import { updateClient, type ClientUpdate } from '../../clients/management/update-client.ts'
import { clientChangeSchema } from '../../clients/settings/schema.ts'
import { deferBodyValidation } from '../defer-body-validation.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { JSON_PATCH, MERGE_PATCH, patchFormat } from '../patch-body.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from './client-path.ts'
import { updatedBody, updatedResponses } from './client-responses.ts'
import { jsonPatchUpdate, mergePatchUpdate, propertyUpdate } from './client-update.ts'

export const updateClientOperation = (services: Parameters<typeof updateClient>[0]) =>
  adminOperation({
    method: 'PATCH',
    path: CLIENT_PATH,
    operationId: 'updateClient',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Update a client',
    description:
      'As application/json, members that are left out stay unchanged, and null removes the value of an optional member. application/merge-patch+json (RFC 7396) and application/json-patch+json (RFC 6902) are applied to the representation that GET returns. With If-Match, the client is only updated if its version matches.',
    schema: {
      consumes: ['application/json', MERGE_PATCH, JSON_PATCH],
      params: clientParams,
      querystring: dryRunQuerySchema,
      body: clientChangeSchema,
      response: updatedResponses,
    },
    errors: [400, 404, 409, 412, 415],
    example: { name: 'My Renamed Application', accessTokenLifetime: 900 },
    alternatives: {
      [MERGE_PATCH]: { schema: { type: 'object' }, example: { logoUri: null } },
      [JSON_PATCH]: {
        schema: { $ref: '#/components/schemas/JsonPatch' },
        example: [{ op: 'add', path: '/redirectUris/-', value: 'https://myapp.example.com/second' }],
      },
    },
    acceptsIfMatch: true,
    validatorCompiler: deferBodyValidation,
    async handle({ context, request, reply }) {
      const conditions = readUpdateConditions(request)
      return updatedBody(
        reply,
        await updateClient(services, context, request.params.id, readUpdate(request), conditions),
      )
    },
  })

/** The update that the body asks for, by its media type. */
function readUpdate(request: FastifyRequest): ClientUpdate {
  const format = patchFormat(request)
  if (format === 'merge-patch') return mergePatchUpdate(request.body)
  return format === 'json-patch' ? jsonPatchUpdate(request.body) : propertyUpdate(request.body)
}
