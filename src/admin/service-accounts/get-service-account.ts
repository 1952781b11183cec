import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { findServiceAccount, type ServiceAccountFinder } from '../../users/service-accounts/find-service-account.ts'
import { adminOperation } from '../operation.ts'
import {
  representServiceAccount,
  SERVICE_ACCOUNT_PATH,
  SERVICE_ACCOUNTS_TAG,
  serviceAccountParams,
  serviceAccountSchema,
} from './service-account.ts'

export const getServiceAccountOperation = (services: ServiceAccountFinder) =>
  adminOperation({
    method: 'GET',
    path: SERVICE_ACCOUNT_PATH,
    operationId: 'getServiceAccount',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:read',
    summary: 'Get a service account',
    schema: { params: serviceAccountParams, response: { 200: serviceAccountSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const account = await findServiceAccount(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(account.version), representServiceAccount(account))
    },
  })
