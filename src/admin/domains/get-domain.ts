import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { findDomain, type DomainManagement } from '../../users/domains/find-domain.ts'
import { adminOperation } from '../operation.ts'
import { DOMAIN_PATH, domainParams, domainSchema, DOMAINS_TAG, representDomain } from './domain.ts'

export const getDomainOperation = (services: Pick<DomainManagement, 'domains'>) =>
  adminOperation({
    method: 'GET',
    path: DOMAIN_PATH,
    operationId: 'getDomain',
    tag: DOMAINS_TAG,
    permission: 'domains:read',
    summary: 'Get a domain',
    schema: { params: domainParams, response: { 200: domainSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const domain = await findDomain(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(domain.version), representDomain(domain))
    },
  })
