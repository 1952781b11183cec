import { z } from 'zod'
import type { DomainManagement } from '../../users/domains/find-domain.ts'
import { deleteDomain } from '../../users/domains/manage-domains.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { DOMAIN_PATH, domainParams, DOMAINS_TAG } from './domain.ts'

export const deleteDomainOperation = (services: DomainManagement) =>
  adminOperation({
    method: 'DELETE',
    path: DOMAIN_PATH,
    operationId: 'deleteDomain',
    tag: DOMAINS_TAG,
    permission: 'domains:delete',
    summary: 'Delete a domain',
    description: 'Another organisation can verify it then.',
    schema: {
      params: domainParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteDomain(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
