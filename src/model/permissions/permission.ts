// `model/permissions` holds permissions and the administrator that a request acts for.
// A permission has the form `resource:action`, `resource:*` or `*`.
// The catalogue of permissions belongs to `permissions`.

/**
 * Whether someone who holds `held` may do `wanted`, a permission of the form `resource:action`. `*` allows everything
 * and `resource:*` every action on a resource.
 */
export function hasPermission(held: readonly string[], required: string): boolean {
  const [resource] = required.split(':')
  return held.some((permission) => permission === '*' || permission === required || permission === `${resource}:*`)
}

/** What both allow: of each side the permissions that the other one includes. */
export function intersectPermissions(one: readonly string[], other: readonly string[]): string[] {
  const shared = [
    ...one.filter((permission) => hasPermission(other, permission)),
    ...other.filter((permission) => hasPermission(one, permission)),
  ]
  return [...new Set(shared)]
}

/** Someone who calls the administration API, in the one organisation they may act in. */
export interface AdminContext {
  /** Undefined where a client acts for itself. */
  userId: string | undefined
  /** The `client_id` of the application that acts, by an access token; undefined for a browser's session. */
  actingClientId: string | undefined
  organisationId: string
  organisationSlug: string
  permissions: readonly string[]
}

/** What an event tells of the application that acts, where one does. */
export function actingClientMetadata({ actingClientId }: AdminContext): { actingClientId?: string } {
  return actingClientId === undefined ? {} : { actingClientId }
}
