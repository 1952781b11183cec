import { findResource, type ResourceFinder } from '../../clients/resources/find-resource.ts'
import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { adminOperation } from '../operation.ts'
import {
  representResource,
  RESOURCE_PATH,
  RESOURCES_TAG,
  resourceParams,
  resourceSchema,
} from './protected-resource.ts'

export const getResourceOperation = (services: ResourceFinder) =>
  adminOperation({
    method: 'GET',
    path: RESOURCE_PATH,
    operationId: 'getResource',
    tag: RESOURCES_TAG,
    permission: 'resources:read',
    summary: 'Get a resource',
    schema: { params: resourceParams, response: { 200: resourceSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const resource = await findResource(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(resource.version), representResource(resource))
    },
  })
