import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { DomainManagement } from '../../users/domains/find-domain.ts'
import { addDomain } from '../../users/domains/manage-domains.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { domainSchema, DOMAINS_PATH, DOMAINS_TAG, representDomain } from './domain.ts'

const newDomainSchema = z.strictObject(
  { domain: field.text(253).describe('Such as example.com. Internationalised names are accepted in both forms.') },
  { error: 'must be a JSON object with the member domain' },
)

export const addDomainOperation = (services: DomainManagement) =>
  adminOperation({
    method: 'POST',
    path: DOMAINS_PATH,
    operationId: 'addDomain',
    tag: DOMAINS_TAG,
    permission: 'domains:create',
    summary: 'Add a domain',
    description: 'It is not verified. The response has the DNS record to publish.',
    schema: {
      querystring: dryRunQuerySchema,
      body: newDomainSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: domainSchema },
    },
    errors: [400, 409],
    example: { domain: 'example.com' },
    async handle({ context, request, reply }) {
      const added = await addDomain(services, context, request.body.domain, { dryRun: isDryRun(request) })
      if ('dryRun' in added) return added
      return reply
        .status(201)
        .headers({ location: `${DOMAINS_PATH}/${added.id}`, etag: entityTag(added.version) })
        .send(representDomain(added))
    },
  })
