// `admin/authorization-failures` owns the operation that reads why an authorization request failed.
// A failure is found by the reference that the error page shows to the user.
// Recording failures belongs to `authorize/diagnostics`.

import type { AdminResource } from '../operation.ts'
import { getAuthorizationFailureOperation, type AuthorizationFailureServices } from './get-authorization-failure.ts'

/** `/v1/admin/traces`: authorization requests that failed. */
export const authorizationFailureResource = (services: AuthorizationFailureServices): AdminResource => ({
  operations: [getAuthorizationFailureOperation(services)],
})
