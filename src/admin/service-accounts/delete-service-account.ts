import { z } from 'zod'
import {
  deleteServiceAccount,
  type ServiceAccountManagement,
} from '../../users/service-accounts/manage-service-accounts.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { SERVICE_ACCOUNT_PATH, SERVICE_ACCOUNTS_TAG, serviceAccountParams } from './service-account.ts'

export const deleteServiceAccountOperation = (services: ServiceAccountManagement) =>
  adminOperation({
    method: 'DELETE',
    path: SERVICE_ACCOUNT_PATH,
    operationId: 'deleteServiceAccount',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:delete',
    summary: 'Delete a service account',
    description: 'Its API keys are deleted with it, at once. You must hold the permissions of its roles.',
    schema: {
      params: serviceAccountParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteServiceAccount(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
