import { z } from 'zod'
import { apiKeyStatus, apiKeyStatuses, type ApiKey } from '../../model/api-keys/api-key.ts'
import type { IssuedApiKey } from '../../users/api-keys/manage-api-keys.ts'

export const API_KEYS_TAG = 'API keys'
export const API_KEYS_PATH = '/v1/admin/api-keys'
export const API_KEY_PATH = `${API_KEYS_PATH}/:id`

export const apiKeyParams = z.object({ id: z.uuid({ error: 'must be the id of an API key' }) })

/** An API key, without its value. */
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('How the key begins.'),
  keyPrefix: z.string().describe('The same as prefix.'),
  organisationId: z.string(),
  userId: z.string().nullable().describe('The user as whom it acts.'),
  serviceAccountId: z.string().nullable().describe('The service account as which it acts, instead of a user.'),
  scopes: z.array(z.string()).describe('Permissions. The key has those of them that its owner holds.'),
  allowedAddresses: z.array(z.string()),
  status: z.enum(apiKeyStatuses),
  isActive: z.boolean(),
  active: z.boolean().describe('The same as isActive.'),
  expiresAt: z.string().describe('ISO 8601.'),
  lastUsedAt: z.string().nullable().describe('To the minute.'),
  lastUsedAddress: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokedReason: z.enum(['revoked', 'rotated', 'leaked']).nullable().describe('rotated: the key has a successor.'),
  createdAt: z.string(),
})

/** The response that creates a key. */
export const issuedApiKeySchema = apiKeySchema.extend({
  key: z.string().describe('In this response only.'),
  warning: z.string(),
})

export function representApiKey(apiKey: ApiKey, now: Date): z.output<typeof apiKeySchema> {
  const { id, name, prefix, organisationId, userId, serviceAccountId, scopes, allowedAddresses } = apiKey
  const { lastUsedAddress, revokedReason } = apiKey
  const status = apiKeyStatus(apiKey, now)
  const isActive = status === 'active'
  return {
    id,
    name,
    prefix,
    keyPrefix: prefix,
    organisationId,
    userId,
    serviceAccountId,
    scopes,
    allowedAddresses,
    status,
    isActive,
    active: isActive,
    expiresAt: apiKey.expiresAt.toISOString(),
    lastUsedAt: apiKey.lastUsedAt?.toISOString() ?? null,
    lastUsedAddress,
    revokedAt: apiKey.revokedAt?.toISOString() ?? null,
    revokedReason,
    createdAt: apiKey.createdAt.toISOString(),
  }
}

export function representIssuedApiKey({ apiKey, key }: IssuedApiKey, now: Date): z.output<typeof issuedApiKeySchema> {
  return { ...representApiKey(apiKey, now), key, warning: 'Store the key now: it is not shown again.' }
}
