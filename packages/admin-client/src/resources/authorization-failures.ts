import type { ApiRequest } from '../transport/request.ts'
import type { Check } from './clients.ts'

/** Why an authorization request was rejected. */
export interface AuthorizationFailure {
  error: string
  clientId: string | null
  createdAt: string
  checks: Check[]
  [member: string]: unknown
}

/** By the reference that the error page shows. */
export const getAuthorizationTrace = (reference: string): ApiRequest<AuthorizationFailure> => ({
  method: 'GET',
  path: `/v1/admin/traces/${encodeURIComponent(reference)}`,
})
