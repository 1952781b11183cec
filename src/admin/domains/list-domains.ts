import { z } from 'zod'
import { domainStatuses, type DomainRepository } from '../../model/domains/organisation-domain.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { domainSchema, DOMAINS_PATH, DOMAINS_TAG, representDomain } from './domain.ts'

const querySchema = z.object({
  ...pageParameters,
  search: searchParameter.describe('Part of the domain in the form of the DNS. Case is ignored.'),
  status: enumParameter(domainStatuses),
})

export const listDomainsOperation = ({ domains }: { domains: Pick<DomainRepository, 'list'> }) =>
  adminOperation({
    method: 'GET',
    path: DOMAINS_PATH,
    operationId: 'listDomains',
    tag: DOMAINS_TAG,
    permission: 'domains:read',
    summary: 'List domains',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(domainSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const search = query.search?.trim() || undefined
      const found = await domains.list({ organisationId, ...page, search, status: query.status })
      return listEnvelope(found.domains.map(representDomain), found.total, page)
    },
  })
