import { z } from 'zod'
import { resourceSortFields, type ResourceRepository } from '../../model/resources/protected-resource.ts'
import { adminOperation } from '../operation.ts'
import {
  envelopeSchema,
  listEnvelope,
  pageParameters,
  readPage,
  readSort,
  searchParameter,
  sortParameter,
} from '../paging.ts'
import { representResource, RESOURCES_PATH, RESOURCES_TAG, resourceSchema } from './protected-resource.ts'

const querySchema = z.object({
  ...pageParameters,
  sort: sortParameter(resourceSortFields),
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
      const { resources: found, total } = await resources.list({
        organisationId,
        ...page,
        sort: readSort(resourceSortFields, query.sort),
        search: query.search?.trim() || undefined,
      })
      return listEnvelope(found.map(representResource), total, page)
    },
  })
