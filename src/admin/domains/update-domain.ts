import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { DomainManagement } from '../../users/domains/find-domain.ts'
import { updateDomain } from '../../users/domains/manage-domains.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { DOMAIN_PATH, domainMembers, domainParams, domainSchema, DOMAINS_TAG, representDomain } from './domain.ts'

const changeSchema = z
  .strictObject(domainMembers, {
    error: field.memberError('has members that cannot be changed'),
  })
  .partial()

export const updateDomainOperation = (services: DomainManagement) =>
  adminOperation({
    method: 'PATCH',
    path: DOMAIN_PATH,
    operationId: 'updateDomain',
    tag: DOMAINS_TAG,
    permission: 'domains:update',
    summary: 'Decide whom a domain makes members',
    description: 'You must hold the permissions of the role that new members get.',
    schema: {
      params: domainParams,
      querystring: dryRunQuerySchema,
      body: changeSchema,
      response: { 200: z.union([domainSchema, dryRunSchema]) },
    },
    errors: [400, 404, 409, 412],
    example: { membership: 'suggested' },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const { params, body } = request
      const result = await updateDomain(services, context, params.id, body, readUpdateConditions(request))
      if ('dryRun' in result) return result
      void reply.header('etag', entityTag(result.version))
      return representDomain(result)
    },
  })
