/**
 * Whether someone who holds `held` may do `wanted`, a permission of the form `resource:action`. `*` allows everything
 * and `resource:*` every action on a resource.
 */
export function allows(held: readonly string[], wanted: string): boolean {
  const [resource] = wanted.split(':')
  return held.some((permission) => permission === '*' || permission === wanted || permission === `${resource}:*`)
}

/** Someone who calls the administration API, in the one organisation they may act in. */
export interface Administrator {
  userId: string
  organisationId: string
  organisationSlug: string
  permissions: readonly string[]
}
