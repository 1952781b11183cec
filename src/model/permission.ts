/**
 * Whether someone who holds `held` may do `wanted`, a permission of the form `resource:action`. `*` allows everything
 * and `resource:*` every action on a resource.
 */
export function allows(held: readonly string[], wanted: string): boolean {
  const [resource] = wanted.split(':')
  return held.some((permission) => permission === '*' || permission === wanted || permission === `${resource}:*`)
}

/** What both allow: of each side the permissions that the other one includes. */
export function allowedByBoth(one: readonly string[], other: readonly string[]): string[] {
  const shared = [
    ...one.filter((permission) => allows(other, permission)),
    ...other.filter((permission) => allows(one, permission)),
  ]
  return [...new Set(shared)]
}

/** Someone who calls the administration API, in the one organisation they may act in. */
export interface Administrator {
  /** Undefined where a client acts for itself. */
  userId: string | undefined
  /** The `client_id` of the application that acts, by an access token; undefined for a browser's session. */
  actingClientId: string | undefined
  organisationId: string
  organisationSlug: string
  permissions: readonly string[]
}

/** What an event tells of the application that acts, where one does. */
export function actingClient({ actingClientId }: Administrator): { actingClientId?: string } {
  return actingClientId === undefined ? {} : { actingClientId }
}
