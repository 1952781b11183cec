import { z } from 'zod'
import { revokeApiKey, type ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import { adminOperation } from '../operation.ts'
import { API_KEY_PATH, API_KEYS_TAG, apiKeyParams } from './api-key.ts'

export const revokeApiKeyOperation = (services: ApiKeyManagement) =>
  adminOperation({
    method: 'POST',
    path: `${API_KEY_PATH}/revoke`,
    operationId: 'revokeApiKey',
    tag: API_KEYS_TAG,
    permission: 'api_keys:revoke',
    summary: 'Revoke an API key',
    description: 'At once, and for good.',
    schema: { params: apiKeyParams, response: { 200: z.object({ message: z.string() }) } },
    errors: [400, 404, 409],
    async handle({ context, request }) {
      await revokeApiKey(services, context, request.params.id)
      return { message: 'The API key is revoked.' }
    },
  })
