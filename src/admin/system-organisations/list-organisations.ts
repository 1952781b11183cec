import { z } from 'zod'
import {
  organisationSortFields,
  type OrganisationRepository,
} from '../../model/organisations/organisation-repository.ts'
import { organisationStatuses } from '../../model/organisations/organisation.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
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
  sort: enumParameter(organisationSortFields.flatMap((name) => [name, `-${name}` as const])).describe(
    'The member to sort by, with a hyphen in front for descending order; default name.',
  ),
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
      const sort = query.sort ?? 'name'
      const by = organisationSortFields.find((name) => sort.endsWith(name)) ?? 'name'
      const found = await organisations.list({
        ...page,
        search: query.search?.trim() || undefined,
        status: query.status,
        sort: { by, descending: sort.startsWith('-') },
      })
      return listEnvelope(found.organisations.map(representSystemOrganisation), found.total, page)
    },
  })
