import { InvalidInput, type Denied } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { UserImportRepository } from '../../model/users/user-import.ts'
import { assertHoldsPermissions, PermissionEscalation } from '../../permissions/privilege-escalation.ts'
import type { UserManagement } from '../find-user.ts'
import { assertMayAddToTeam } from '../held-assignments.ts'

/** The roles and teams that a line of an import names, by their slugs. */
interface NamedAccess {
  roles: readonly string[]
  teams: readonly string[]
}

/** The roles and teams of a new user. */
export interface NewAccess {
  /** Their slugs. */
  roles: string[]
  roleIds: string[]
  teamIds: string[]
}

export interface AccessServices extends Pick<UserManagement, 'userDirectory' | 'roleAssignments' | 'clock'> {
  userImports: Pick<UserImportRepository, 'findBySlug'>
}

/** A role or team of the organisation, and why the caller may not give it. */
interface Grantable {
  id: string
  slug: string
  refusal: Denied | undefined
}

/**
 * Reads the roles and teams that users name, and the default role. The returned function finds those of one user. It throws
 * `InvalidInput` for slugs that the organisation does not have, and `Denied` where the caller lacks a permission that the
 * user would get.
 */
export async function prepareAccess(
  services: AccessServices,
  context: AdminContext,
  users: readonly NamedAccess[],
): Promise<(user: NamedAccess) => NewAccess> {
  const { organisationId } = context
  const slugs = {
    roles: [...new Set(users.flatMap(({ roles }) => roles))],
    teams: [...new Set(users.flatMap(({ teams }) => teams))],
  }
  const found = await services.userImports.findBySlug(organisationId, slugs)
  const defaultRole = await services.userDirectory.findDefaultRole(organisationId)
  const toGrantable = async ({ role, permissions }: (typeof found.roles)[number]): Promise<Grantable> => ({
    id: role.id,
    slug: role.slug,
    refusal: await refusalOf(() => assertHoldsPermissions(context, permissions, 'The roles have')),
  })
  const roles = await Promise.all(found.roles.map(toGrantable))
  const defaults = defaultRole ? [await toGrantable(defaultRole)] : []
  const teams: Grantable[] = []
  for (const { id, slug } of found.teams) {
    const refusal = await refusalOf(() => assertMayAddToTeam(services, context, { id, organisationId }))
    teams.push({ id, slug, refusal })
  }
  return (user) => {
    const given = user.roles.length === 0 ? defaults : pick(roles, user.roles, 'roles')
    const joined = pick(teams, user.teams, 'teams')
    const refusal = [...given, ...joined].find((one) => one.refusal !== undefined)?.refusal
    if (refusal) throw refusal
    const ids = (list: readonly Grantable[]) => list.map(({ id }) => id)
    return { roles: given.map(({ slug }) => slug), roleIds: ids(given), teamIds: ids(joined) }
  }
}

async function refusalOf(check: () => Promise<void> | void): Promise<Denied | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    if (error instanceof PermissionEscalation) return error
    throw error
  }
}

function pick(known: readonly Grantable[], slugs: readonly string[], member: 'roles' | 'teams'): Grantable[] {
  return [...new Set(slugs)].map((slug) => {
    const found = known.find((one) => one.slug === slug)
    if (found) return found
    const kind = member === 'roles' ? 'role' : 'team'
    const message = `must have slugs of ${kind}s of the organisation, and ${JSON.stringify(slug)} is not one`
    throw new InvalidInput([{ path: [member], code: 'custom', message }])
  })
}
