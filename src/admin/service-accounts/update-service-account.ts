import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import {
  updateServiceAccount,
  type ServiceAccountManagement,
} from '../../users/service-accounts/manage-service-accounts.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import {
  representServiceAccount,
  SERVICE_ACCOUNT_PATH,
  SERVICE_ACCOUNTS_TAG,
  serviceAccountMembers,
  serviceAccountParams,
  serviceAccountSchema,
  serviceAccountStatus,
} from './service-account.ts'

const changeSchema = z.strictObject(
  { ...serviceAccountMembers, status: serviceAccountStatus },
  {
    error: field.memberError('has members that cannot be changed'),
  },
)

export const updateServiceAccountOperation = (services: ServiceAccountManagement) =>
  adminOperation({
    method: 'PATCH',
    path: SERVICE_ACCOUNT_PATH,
    operationId: 'updateServiceAccount',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:update',
    summary: 'Update, disable or enable a service account',
    description: 'To change the status, you must hold the permissions of its roles.',
    schema: {
      params: serviceAccountParams,
      querystring: dryRunQuerySchema,
      body: changeSchema.partial(),
      response: { 200: z.union([serviceAccountSchema, dryRunSchema]) },
    },
    errors: [400, 404, 409, 412],
    example: { status: 'disabled' },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const { params, body } = request
      const result = await updateServiceAccount(services, context, params.id, body, readUpdateConditions(request))
      if ('dryRun' in result) return result
      void reply.header('etag', entityTag(result.version))
      return representServiceAccount(result)
    },
  })
