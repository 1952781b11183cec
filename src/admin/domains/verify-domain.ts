import { entityTag } from '../../http/caching/preconditions.ts'
import type { DomainManagement } from '../../users/domains/find-domain.ts'
import { verifyDomain } from '../../users/domains/verify-domain.ts'
import { adminOperation } from '../operation.ts'
import { DOMAIN_PATH, domainParams, domainSchema, DOMAINS_TAG, representDomain } from './domain.ts'

export const verifyDomainOperation = (services: DomainManagement) =>
  adminOperation({
    method: 'POST',
    path: `${DOMAIN_PATH}/verify`,
    operationId: 'verifyDomain',
    tag: DOMAINS_TAG,
    permission: 'domains:update',
    summary: 'Verify a domain now',
    description:
      'Looks the DNS record up. 409 if it is absent, if the DNS gives no answer, or if another organisation has verified the domain.',
    schema: { params: domainParams, response: { 200: domainSchema } },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      const domain = await verifyDomain(services, context, request.params.id)
      void reply.header('etag', entityTag(domain.version))
      return representDomain(domain)
    },
  })
