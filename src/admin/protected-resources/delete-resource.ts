import { z } from 'zod'
import { deleteResource, type ResourceManagement } from '../../clients/resources/manage-resources.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { RESOURCE_PATH, RESOURCES_TAG, resourceParams } from './protected-resource.ts'

export const deleteResourceOperation = (services: ResourceManagement) =>
  adminOperation({
    method: 'DELETE',
    path: RESOURCE_PATH,
    operationId: 'deleteResource',
    tag: RESOURCES_TAG,
    permission: 'resources:delete',
    summary: 'Delete a resource',
    description: 'No token is issued for it any more. Tokens that exist stay active until they expire.',
    schema: {
      params: resourceParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteResource(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
