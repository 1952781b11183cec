import { z } from 'zod'
import {
  organisationSortFields,
  type OrganisationRepository,
} from '../../model/organisations/organisation-repository.ts'
import { organisationStatuses } from '../../model/organisations/organisation.ts'
import { adminOperation } from '../operation.ts'
import {
  enumParameter,
  envelopeSchema,
  listEnvelope,
  pageParameters,
  readPage,
  readSort,
  searchParameter,
  sortParameter,
} from '../paging.ts'
import {
  ORGANISATIONS_PATH,
  representSystemOrganisation,
  SYSTEM_ORGANISATIONS_TAG,
  systemOrganisationSchema,
} from './system-organisation.ts'

export interface OrganisationLister {
  organisations: Pick<OrganisationRepository, 'list'>
}

const organisationListQuerySchema = z.object({
  ...pageParameters,
  sort: sortParameter(organisationSortFields),
  status: enumParameter(organisationStatuses),
  search: searchParameter.describe('Part of the slug, name, id or e-mail address. Case is ignored.'),
})

export const listOrganisationsOperation = ({ organisations }: OrganisationLister) =>
  adminOperation({
    method: 'GET',
    path: ORGANISATIONS_PATH,
    operationId: 'listOrganisations',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:read',
    operatorOnly: true,
    summary: 'List the organisations of the server',
    schema: {
      querystring: organisationListQuerySchema,
      response: { 200: envelopeSchema(systemOrganisationSchema) },
    },
    errors: [400],
    async handle({ request: { query } }) {
      const page = readPage(query)
      const found = await organisations.list({
        ...page,
        search: query.search?.trim() || undefined,
        status: query.status,
        sort: readSort(organisationSortFields, query.sort),
      })
      return listEnvelope(found.organisations.map(representSystemOrganisation), found.total, page)
    },
  })
