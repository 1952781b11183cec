import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { serviceAccountStatuses, type ServiceAccount } from '../../model/service-accounts/service-account.ts'

export const SERVICE_ACCOUNTS_TAG = 'Service accounts'
export const SERVICE_ACCOUNTS_PATH = '/v1/admin/service-accounts'
export const SERVICE_ACCOUNT_PATH = `${SERVICE_ACCOUNTS_PATH}/:id`

export const serviceAccountParams = z.object({ id: z.uuid({ error: 'must be the id of a service account' }) })

export const serviceAccountMembers = {
  name: field.displayName
    .max(100, { error: 'must have at most 100 characters' })
    .describe('Unique among the service accounts of the organisation.'),
  description: field.text(500).nullable().describe('For administrators. Null removes it.'),
}

export const serviceAccountStatus = field
  .oneOf(serviceAccountStatuses)
  .describe('While it is disabled, the account and its API keys can do nothing.')

const role = z.object({ id: z.string(), name: z.string(), slug: z.string() })

export const serviceAccountSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.enum(serviceAccountStatuses),
  organisationId: z.string(),
  roles: z.array(role).describe('The roles that it has now, in the whole organisation.'),
  apiKeyCount: z.int().describe('The number of its active API keys.'),
  createdBy: z.string().nullable().describe('The id of the user who created it.'),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
})

export function representServiceAccount(account: ServiceAccount): z.output<typeof serviceAccountSchema> {
  const { id, name, description, status, organisationId, roles, apiKeyCount, createdBy } = account
  return {
    id,
    name,
    description,
    status,
    organisationId,
    roles,
    apiKeyCount,
    createdBy,
    createdAt: account.createdAt.toISOString(),
    updatedAt: account.updatedAt.toISOString(),
  }
}
