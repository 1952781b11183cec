// `model/permissions` holds permissions and the caller of the management API.
// A permission has the form `resource:action`, `resource:*` or `*`.
// The catalogue of permissions belongs to `permissions`.

import type { RequestMetadata } from '../audit/audit-event.ts'

/**
 * Whether the permissions `held` include `required`, a permission of the form `resource:action`. `*` includes every
 * permission, `resource:*` every action on the resource.
 */
export function hasPermission(held: readonly string[], required: string): boolean {
  const [resource] = required.split(':')
  return held.some((permission) => permission === '*' || permission === required || permission === `${resource}:*`)
}

/** The permissions that both lists include, wildcards considered. */
export function intersectPermissions(one: readonly string[], other: readonly string[]): string[] {
  const shared = [
    ...one.filter((permission) => hasPermission(other, permission)),
    ...other.filter((permission) => hasPermission(one, permission)),
  ]
  return [...new Set(shared)]
}

/** The caller of the management API, in the one organisation it may act in. */
export interface AdminCaller {
  /** Undefined if a client acts for itself. */
  userId: string | undefined
  /** The `client_id` of the client whose access token is used; undefined for a browser session. */
  actingClientId: string | undefined
  organisationId: string
  organisationSlug: string
  permissions: readonly string[]
}

/** What an operation of the management API knows about its caller, for authorisation and for audit events. */
export interface AdminContext extends AdminCaller {
  requestMetadata: RequestMetadata
}
