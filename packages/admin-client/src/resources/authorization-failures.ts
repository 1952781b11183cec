import type { ApiRequest } from '../transport/request.ts'
import type { Check } from './clients/clients.ts'

/** Why an authorization request was rejected. */
export interface AuthorizationFailure {
  /** As on the error page. */
  reference: string
  /** The id of the client. */
  clientId: string
  error: string
  checks: Check[]
  /** ISO 8601. */
  createdAt: string
  expiresAt: string
}

/** By the reference that the error page shows. */
export const getAuthorizationTrace = (reference: string): ApiRequest<AuthorizationFailure> => ({
  method: 'GET',
  path: `/v1/admin/traces/${encodeURIComponent(reference)}`,
})
