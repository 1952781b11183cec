import { z } from 'zod'
import { createResource, type ResourceManagement } from '../../clients/resources/manage-resources.ts'
import { resourceMembers } from '../../clients/resources/resource-settings.ts'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { representResource, RESOURCES_PATH, RESOURCES_TAG, resourceSchema } from './protected-resource.ts'

const { name, ...settings } = resourceMembers

const newResourceSchema = z.strictObject(
  {
    identifier: field.resourceUri.describe(
      'The URI that clients request it by: absolute, without a fragment. Unique in the organisation, and never changed.',
    ),
    name,
    ...z.object(settings).partial().shape,
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createResourceOperation = (services: ResourceManagement) =>
  adminOperation({
    method: 'POST',
    path: RESOURCES_PATH,
    operationId: 'createResource',
    tag: RESOURCES_TAG,
    permission: 'resources:create',
    summary: 'Create a resource',
    description: 'An API that clients can request access tokens for, by the parameter resource (RFC 8707).',
    schema: {
      querystring: dryRunQuerySchema,
      body: newResourceSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: resourceSchema },
    },
    errors: [400, 409],
    example: {
      identifier: 'https://files.example.com/api',
      name: 'Files',
      scopes: [{ name: 'files:read', title: 'Read your files', localised: { de: { title: 'Deine Dateien lesen' } } }],
    },
    async handle({ context, request, reply }) {
      const created = await createResource(services, context, request.body, { dryRun: isDryRun(request) })
      if ('dryRun' in created) return created
      return reply
        .status(201)
        .headers({ location: `${RESOURCES_PATH}/${created.id}`, etag: entityTag(created.version) })
        .send(representResource(created))
    },
  })
