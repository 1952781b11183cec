import { z } from 'zod'
import { resourceMembers } from '../../clients/resources/resource-settings.ts'
import type { ProtectedResource } from '../../model/resources/protected-resource.ts'

export const RESOURCES_TAG = 'Resources'
export const RESOURCES_PATH = '/v1/admin/resources'
export const RESOURCE_PATH = `${RESOURCES_PATH}/:id`

export const resourceParams = z.object({ id: z.uuid({ error: 'must be the id of a resource' }) })

export const resourceSchema = z.object({
  id: z.string(),
  identifier: z.string().describe('The URI that clients request it by (RFC 8707), and the aud of its tokens.'),
  ...resourceMembers,
  organisationId: z.string(),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
})

export function representResource(resource: ProtectedResource): z.output<typeof resourceSchema> {
  const { version: _version, createdAt, updatedAt, ...members } = resource
  return { ...members, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
}
