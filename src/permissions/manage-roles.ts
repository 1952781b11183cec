import { fieldChanges } from '../audit/field-changes.ts'
import { Conflict } from '../lib/domain-error.ts'
import { withOptimisticRetry, type UpdateConditions } from '../lib/concurrency/optimistic-update.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import {
  MAX_COUNTED_ROLE_USERS,
  OWNER_ROLE_SLUG,
  type NewRole,
  type Role,
  type RoleChange,
} from '../model/permissions/role.ts'
import {
  findRole,
  findRoleToChange,
  invalid,
  resolvePermissions,
  roleDryRun,
  roleEvent,
  type PermissionNames,
  type RoleDryRun,
  type RoleManagement,
} from './find-role.ts'
import { assertHoldsPermissions } from './privilege-escalation.ts'

/** A role as a caller describes it. */
export type RoleSettings = Pick<NewRole, 'slug' | 'name' | 'description' | 'isDefault'> & {
  permissions: PermissionNames
}

/**
 * Creates a role with permissions that the caller holds. If it becomes the default, no other role of the organisation is.
 * Throws `InvalidInput`, `PermissionEscalation`, and `Conflict` if the slug is taken.
 */
export async function createRole(
  services: RoleManagement,
  context: AdminContext,
  { permissions: names, ...settings }: RoleSettings,
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<Role | RoleDryRun> {
  if (settings.slug === OWNER_ROLE_SLUG) throw invalid('slug', 'must not be owner, which every organisation has')
  const permissions = await resolvePermissions(services, names, { ids: 'permissionIds', slugs: 'permissions' })
  const slugs = permissions.map(({ slug }) => slug).toSorted()
  assertHoldsPermissions(context, slugs, 'The role would have')
  if (dryRun) {
    const { name, slug, description, isDefault } = settings
    const members = Object.entries({ name, slug, description, isDefault, permissions: slugs })
    return roleDryRun(members.map(([member, to]) => ({ member, to })))
  }
  const { organisationId } = context
  const role = { ...settings, id: uuidv7(services.clock.now()), organisationId }
  const { name, isDefault } = settings
  const created = fieldChanges(undefined, { ...settings, permissions: slugs })
  const event = roleEvent(services, context, 'role.created', role, { name, isDefault, permissions: slugs }, created)
  const outcome = await services.roles.create({ ...role, permissionIds: permissions.map(({ id }) => id) }, event)
  if (outcome === 'slug_taken') throw new Conflict('Another role of the organisation has this slug.')
  return findRole(services, context, role.id)
}

/** Changes name, description and default. Throws as `findRoleToChange`, and `PreconditionFailed`. */
export function updateRole(
  services: RoleManagement,
  context: AdminContext,
  id: string,
  change: RoleChange,
  conditions: UpdateConditions,
): Promise<Role | RoleDryRun> {
  const find = () => findRoleToChange(services, context, id)
  return withOptimisticRetry<Role, Role | RoleDryRun>(find, conditions, async (role) => {
    const changes = changesOf(role, change)
    if (conditions.dryRun) return roleDryRun(changes)
    if (changes.length === 0) return role
    const after = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
    const event = roleEvent(services, context, 'role.updated', role, {}, fieldChanges(role, after))
    const outcome = await services.roles.update(role, after, event)
    return outcome === 'stale' ? undefined : findRole(services, context, id)
  })
}

function changesOf(role: Role, change: RoleChange) {
  return (['name', 'description', 'isDefault'] as const).flatMap((member) => {
    const to = change[member]
    return to === undefined || to === role[member] ? [] : [{ member, from: role[member], to }]
  })
}

/** Deletes a role that the server did not create and neither a user nor a team has. Throws as `updateRole`, and `Conflict`. */
export function deleteRole(
  services: RoleManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<RoleDryRun | 'deleted'> {
  const find = () => findRoleToChange(services, context, id)
  return withOptimisticRetry<Role, RoleDryRun | 'deleted'>(find, conditions, async (role) => {
    if (role.isSystem) throw invalid('id', `is the role ${role.slug}, which the server created and nothing can delete`)
    if (role.userCount > 0 || role.teamCount > 0) throw new RoleIsAssigned(role)
    if (conditions.dryRun) return roleDryRun([{ member: 'id', from: role.id }])
    const event = roleEvent(services, context, 'role.deleted', role, { name: role.name })
    const outcome = await services.roles.delete(role, event)
    // It was assigned meanwhile: the role is read again, and its users are counted.
    return outcome === 'deleted' ? outcome : undefined
  })
}

class RoleIsAssigned extends Conflict {
  override readonly name = 'RoleIsAssigned'

  constructor({ userCount, teamCount }: Pick<Role, 'userCount' | 'teamCount'>) {
    const count = (number: number, noun: string) => (number === 1 ? `1 ${noun}` : `${number} ${noun}s`)
    const users = userCount === MAX_COUNTED_ROLE_USERS ? `${userCount} or more users` : count(userCount, 'user')
    const holders = [...(userCount > 0 ? [users] : []), ...(teamCount > 0 ? [count(teamCount, 'team')] : [])]
    const verb = userCount + teamCount === 1 ? 'has' : 'have'
    super(`${holders.join(' and ')} ${verb} this role. Take it from them first.`)
  }
}
