import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import {
  createServiceAccount,
  type ServiceAccountManagement,
} from '../../users/service-accounts/manage-service-accounts.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import {
  representServiceAccount,
  SERVICE_ACCOUNTS_PATH,
  SERVICE_ACCOUNTS_TAG,
  serviceAccountMembers,
  serviceAccountSchema,
} from './service-account.ts'

const newServiceAccountSchema = z.strictObject(
  { ...serviceAccountMembers, description: serviceAccountMembers.description.default(null) },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createServiceAccountOperation = (services: ServiceAccountManagement) =>
  adminOperation({
    method: 'POST',
    path: SERVICE_ACCOUNTS_PATH,
    operationId: 'createServiceAccount',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:create',
    summary: 'Create a service account',
    description: 'It has no roles at first, and no API keys.',
    schema: {
      querystring: dryRunQuerySchema,
      body: newServiceAccountSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: serviceAccountSchema },
    },
    errors: [400, 409],
    example: { name: 'Nightly report', description: 'Exports users to the warehouse' },
    async handle({ context, request, reply }) {
      const created = await createServiceAccount(services, context, request.body, { dryRun: isDryRun(request) })
      if ('dryRun' in created) return created
      return reply
        .status(201)
        .headers({ location: `${SERVICE_ACCOUNTS_PATH}/${created.id}`, etag: entityTag(created.version) })
        .send(representServiceAccount(created))
    },
  })
