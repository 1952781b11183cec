import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { parseIpNetwork } from '../../lib/network-address.ts'
import { createApiKey, type ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import { adminOperation } from '../operation.ts'
import { API_KEYS_PATH, API_KEYS_TAG, issuedApiKeySchema, representIssuedApiKey } from './api-key.ts'

const DAY_SECONDS = 86_400

const newApiKeySchema = z.strictObject(
  {
    name: field.displayName.max(100, { error: 'must have at most 100 characters' }),
    scopes: field
      .listOf(field.scope)
      .min(1, { error: 'must name at least one permission' })
      .describe('Permissions that you hold, such as users:read or clients:*.'),
    expiresInDays: field.integer(1, 365).default(90),
    serviceAccountId: z
      .uuid({ error: 'must be the id of a service account' })
      .optional()
      .describe('The service account that owns the key; default you. Needs service_accounts:update as well.'),
    allowedAddresses: field
      .listOf(
        field.text(50).refine((text) => parseIpNetwork(text) !== undefined, {
          error: 'must be an address or a network in CIDR form',
        }),
      )
      .max(50, { error: 'must have at most 50 entries' })
      .default([])
      .describe('Addresses and networks that may use it; empty: any.'),
  },
  { error: 'must be a JSON object' },
)

export const createApiKeyOperation = (services: ApiKeyManagement) =>
  adminOperation({
    method: 'POST',
    path: API_KEYS_PATH,
    operationId: 'createApiKey',
    tag: API_KEYS_TAG,
    permission: 'api_keys:create',
    summary: 'Create an API key, of your own or of a service account',
    description: 'The key is in this response only. It acts as its owner, limited to its scopes.',
    schema: { body: newApiKeySchema, response: { 201: issuedApiKeySchema } },
    errors: [400],
    example: { name: 'Nightly report', scopes: ['users:read', 'clients:read'], expiresInDays: 30 },
    async handle({ context, request, reply }) {
      const { expiresInDays, serviceAccountId, ...wanted } = request.body
      const lifetimeSeconds = expiresInDays * DAY_SECONDS
      const issued = await createApiKey(services, context, { ...wanted, serviceAccountId, lifetimeSeconds })
      return reply
        .status(201)
        .header('location', `${API_KEYS_PATH}/${issued.apiKey.id}`)
        .send(representIssuedApiKey(issued, services.clock.now()))
    },
  })
