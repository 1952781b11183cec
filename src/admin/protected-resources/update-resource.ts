import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { updateResource, type ResourceManagement } from '../../clients/resources/manage-resources.ts'
import { resourceMembers } from '../../clients/resources/resource-settings.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import {
  representResource,
  RESOURCE_PATH,
  RESOURCES_TAG,
  resourceParams,
  resourceSchema,
} from './protected-resource.ts'

const changeSchema = z.strictObject(resourceMembers, {
  error: field.memberError('has members that cannot be changed'),
})

export const updateResourceOperation = (services: ResourceManagement) =>
  adminOperation({
    method: 'PATCH',
    path: RESOURCE_PATH,
    operationId: 'updateResource',
    tag: RESOURCES_TAG,
    permission: 'resources:update',
    summary: 'Update a resource',
    description:
      'Takes effect within a second. A client that may no longer request the resource gets no new token for it, by a refresh token neither.',
    schema: {
      params: resourceParams,
      querystring: dryRunQuerySchema,
      body: changeSchema.partial(),
      response: { 200: z.union([resourceSchema, dryRunSchema]) },
    },
    errors: [400, 404, 409, 412],
    example: { accessTokenLifetime: 600, clientKinds: ['managed', 'dcr', 'cimd'] },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const { params, body } = request
      const result = await updateResource(services, context, params.id, body, readUpdateConditions(request))
      if ('dryRun' in result) return result
      void reply.header('etag', entityTag(result.version))
      return representResource(result)
    },
  })
