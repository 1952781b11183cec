import type { UserAttributes } from '../users/user-attribute.ts'

/** A role that a user has in effect, as claims show it. */
export interface HeldRole {
  slug: string
  name: string
  /** Read only if a claim needs them; otherwise empty. */
  permissions: string[]
  /** The team that it is limited to; null: it counts in the whole organisation. */
  team: { slug: string; name: string } | null
  /** In seconds since 1970; null: it has no end. */
  expiresAt: number | null
}

/** What a user is in an organisation. A list that no claim needs is not read, and empty. */
export interface OrganisationAccess {
  roles: HeldRole[]
  /** The teams that the user belongs to. */
  groups: { id: string; slug: string; name: string }[]
  /** The values of the attributes that are read. */
  attributes: UserAttributes
}

/**
 * The parts of it that are read: always, or only where the grant has the scope of the same name (`scopes`). Attributes are
 * read one by one.
 */
export type AccessRead = 'roles' | 'permissions' | 'groups' | 'scopes' | `attribute:${string}`

export const attributeRead = (name: string) => `attribute:${name}` as const

export interface OrganisationAccessRepository {
  /** All of it at `now`. Empty for a user who is no member. */
  find(user: { id: string; organisationId: string }, now: Date): Promise<OrganisationAccess>
}
