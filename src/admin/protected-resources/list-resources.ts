import { z } from 'zod'
import { resourceSortFields, type ResourceRepository } from '../../model/resources/protected-resource.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { representResource, RESOURCES_PATH, RESOURCES_TAG, resourceSchema } from './protected-resource.ts'

const querySchema = z.object({
  ...pageParameters,
  sort: enumParameter(resourceSortFields.flatMap((name) => [name, `-${name}` as const])).describe(
    'The member to sort by, with a hyphen in front for descending order; default name.',
  ),
  search: searchParameter.describe('Part of the name or the identifier. Case is ignored.'),
})

export const listResourcesOperation = ({ resources }: { resources: Pick<ResourceRepository, 'list'> }) =>
  adminOperation({
    method: 'GET',
    path: RESOURCES_PATH,
    operationId: 'listResources',
    tag: RESOURCES_TAG,
    permission: 'resources:read',
    summary: 'List resources',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(resourceSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const sort = query.sort ?? 'name'
      const by = resourceSortFields.find((name) => sort.endsWith(name)) ?? 'name'
      const { resources: found, total } = await resources.list({
        organisationId,
        ...page,
        sort: { by, descending: sort.startsWith('-') },
        search: query.search?.trim() || undefined,
      })
      return listEnvelope(found.map(representResource), total, page)
    },
  })
