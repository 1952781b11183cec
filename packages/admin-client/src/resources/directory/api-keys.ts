import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

const API_KEYS_PATH = '/v1/admin/api-keys'

/** An API key of a user or a service account, without its value. Times are ISO 8601. */
export interface ApiKey {
  id: string
  name: string
  /** How the key begins. */
  prefix: string
  organisationId: string
  /** The user or the service account as which it acts; the other is null. */
  userId: string | null
  serviceAccountId: string | null
  scopes: string[]
  allowedAddresses: string[]
  status: 'active' | 'expired' | 'revoked'
  isActive: boolean
  expiresAt: string
  lastUsedAt: string | null
  lastUsedAddress: string | null
  revokedAt: string | null
  revokedReason: 'revoked' | 'rotated' | 'leaked' | null
  createdAt: string
}

/** A new key with its value, which is in this response only. */
export interface IssuedApiKey extends ApiKey {
  key: string
  warning: string
}

function apiKeyPath(id: string, below = ''): string {
  return `${API_KEYS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listApiKeys = (query: Query = {}): ApiRequest<Page<ApiKey>> => ({
  method: 'GET',
  path: withQuery(API_KEYS_PATH, query),
})

export const getApiKey = (id: string): ApiRequest<ApiKey> => ({ method: 'GET', path: apiKeyPath(id) })

export const createApiKey = (settings: unknown): ApiRequest<IssuedApiKey> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: API_KEYS_PATH,
})

export const rotateApiKey = (id: string, overlapSeconds: number): ApiRequest<IssuedApiKey> => ({
  ...jsonBody({ overlapSeconds }),
  method: 'POST',
  path: apiKeyPath(id, '/rotate'),
})

export const revokeApiKey = (id: string): ApiRequest<{ message: string }> => ({
  method: 'POST',
  path: apiKeyPath(id, '/revoke'),
})

/** A token for another API. Times are ISO 8601. */
export interface ApiKeyToken {
  token: string
  tokenType: 'Bearer'
  /** In seconds. */
  expiresIn: number
  expiresAt: string
  scopes: string[]
}

/** The access token of the request is the API key. */
export const issueApiKeyToken = (wish: { audience: string; scopes?: string[] }): ApiRequest<ApiKeyToken> => ({
  ...jsonBody(wish),
  method: 'POST',
  path: '/v1/api-keys/token',
})

/** Revokes the keys. The response does not say which of them exist. */
export const reportLeakedApiKeys = (report: { keys: string[]; foundAt?: string }): ApiRequest<{ message: string }> => ({
  ...jsonBody(report),
  method: 'POST',
  path: '/v1/api-keys/report-leak',
})
