import { findApiKey, type ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import { adminOperation } from '../operation.ts'
import { API_KEY_PATH, API_KEYS_TAG, apiKeyParams, apiKeySchema, representApiKey } from './api-key.ts'

export const getApiKeyOperation = (services: ApiKeyManagement) =>
  adminOperation({
    method: 'GET',
    path: API_KEY_PATH,
    operationId: 'getApiKey',
    tag: API_KEYS_TAG,
    permission: 'api_keys:read',
    summary: 'Get an API key',
    description: 'Without its value.',
    schema: { params: apiKeyParams, response: { 200: apiKeySchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representApiKey(await findApiKey(services, context, request.params.id), services.clock.now())
    },
  })
