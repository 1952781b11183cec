import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { rotateApiKey, type ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import { adminOperation } from '../operation.ts'
import {
  API_KEY_PATH,
  API_KEYS_PATH,
  API_KEYS_TAG,
  apiKeyParams,
  issuedApiKeySchema,
  representIssuedApiKey,
} from './api-key.ts'

const rotationSchema = z.strictObject(
  {
    overlapSeconds: field
      .integer(0, 604_800)
      .default(86_400)
      .describe('How long the old key still works; default a day, at most a week.'),
  },
  { error: 'must be a JSON object' },
)

export const rotateApiKeyOperation = (services: ApiKeyManagement) =>
  adminOperation({
    method: 'POST',
    path: `${API_KEY_PATH}/rotate`,
    operationId: 'rotateApiKey',
    tag: API_KEYS_TAG,
    permission: 'api_keys:create',
    summary: 'Rotate an API key, of your own or of a service account',
    description:
      'Creates a key with the same settings and lifetime. It is in this response only. For a service account service_accounts:update is needed as well.',
    schema: { params: apiKeyParams, body: rotationSchema, response: { 201: issuedApiKeySchema } },
    errors: [400, 404, 409],
    example: { overlapSeconds: 3600 },
    async handle({ context, request, reply }) {
      const issued = await rotateApiKey(services, context, request.params.id, request.body.overlapSeconds)
      return reply
        .status(201)
        .header('location', `${API_KEYS_PATH}/${issued.apiKey.id}`)
        .send(representIssuedApiKey(issued, services.clock.now()))
    },
  })
