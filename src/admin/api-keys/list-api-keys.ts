import { z } from 'zod'
import { apiKeyStatuses } from '../../model/api-keys/api-key.ts'
import type { ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { API_KEYS_PATH, API_KEYS_TAG, apiKeySchema, representApiKey } from './api-key.ts'

const querySchema = z.object({
  ...pageParameters,
  search: searchParameter.describe('Part of the name or the prefix. Case is ignored.'),
  userId: z.uuid({ error: 'must be the id of a user, sent once' }).optional().describe('The user as whom it acts.'),
  serviceAccountId: z
    .uuid({ error: 'must be the id of a service account, sent once' })
    .optional()
    .describe('The service account as which it acts.'),
  status: enumParameter(apiKeyStatuses),
})

export const listApiKeysOperation = ({ apiKeys, clock }: ApiKeyManagement) =>
  adminOperation({
    method: 'GET',
    path: API_KEYS_PATH,
    operationId: 'listApiKeys',
    tag: API_KEYS_TAG,
    permission: 'api_keys:read',
    summary: 'List API keys',
    description: 'Newest first, without their values.',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(apiKeySchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const now = clock.now()
      const { userId, serviceAccountId, status } = query
      const search = query.search?.trim() || undefined
      const found = await apiKeys.list({ organisationId, ...page, now, search, userId, serviceAccountId, status })
      return listEnvelope(
        found.keys.map((apiKey) => representApiKey(apiKey, now)),
        found.total,
        page,
      )
    },
  })
