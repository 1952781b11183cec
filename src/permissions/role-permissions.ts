import { fieldChanges } from '../audit/field-changes.ts'
import { Conflict, NotFound } from '../lib/domain-error.ts'
import { withOptimisticRetry, type UpdateConditions } from '../lib/concurrency/optimistic-update.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { Role, StoredPermission } from '../model/permissions/role.ts'
import {
  findRoleToChange,
  resolvePermissions,
  roleDryRun,
  roleEvent,
  slugsOf,
  type PermissionNames,
  type RoleDryRun,
  type RoleManagement,
} from './find-role.ts'
import { assertHoldsPermissions } from './privilege-escalation.ts'

/** The permissions that a role was given, or that were revoked from it. */
export interface ChangedPermissions {
  role: Role
  permissions: StoredPermission[]
}

const MEMBERS = { ids: 'permissionId', slugs: 'permission' }

/**
 * Adds a permission to a role. The caller must hold it, and every permission that the role has. An alias may stand for
 * several. Throws as `findRoleToChange`, and `Conflict` if the role has all of them.
 */
export async function grantPermission(
  services: RoleManagement,
  context: AdminContext,
  id: string,
  names: PermissionNames,
  conditions: UpdateConditions,
): Promise<ChangedPermissions | RoleDryRun> {
  const find = () => findRoleToChange(services, context, id)
  return withOptimisticRetry<Role, ChangedPermissions | RoleDryRun>(find, conditions, async (role) => {
    const named = await resolvePermissions(services, names, MEMBERS)
    assertHoldsPermissions(
      context,
      named.map(({ slug }) => slug),
      'The role would have',
    )
    const permissions = named.filter(({ slug }) => !slugsOf(role).includes(slug))
    if (permissions.length === 0) throw new Conflict('The role has this permission already.')
    return change(services, context, role, permissions, 'add', conditions)
  })
}

/** Removes a permission from a role. Throws as `findRoleToChange`, and `NotFound` if the role does not have it. */
export async function revokePermission(
  services: RoleManagement,
  context: AdminContext,
  id: string,
  names: PermissionNames,
  conditions: UpdateConditions,
): Promise<ChangedPermissions | RoleDryRun> {
  const find = () => findRoleToChange(services, context, id)
  return withOptimisticRetry<Role, ChangedPermissions | RoleDryRun>(find, conditions, async (role) => {
    const named = await resolvePermissions(services, names, MEMBERS)
    const permissions = named.filter(({ slug }) => slugsOf(role).includes(slug))
    if (permissions.length === 0) throw new NotFound('The role does not have this permission.')
    return change(services, context, role, permissions, 'remove', conditions)
  })
}

/** Undefined if the role has changed since it was read. */
async function change(
  services: RoleManagement,
  context: AdminContext,
  role: Role,
  permissions: StoredPermission[],
  direction: 'add' | 'remove',
  { dryRun }: UpdateConditions,
): Promise<ChangedPermissions | RoleDryRun | undefined> {
  const slugs = permissions.map(({ slug }) => slug).toSorted()
  const before = slugsOf(role)
  const after = direction === 'add' ? [...before, ...slugs].toSorted() : before.filter((slug) => !slugs.includes(slug))
  if (dryRun) return roleDryRun([{ member: 'permissions', from: before, to: after }])
  const ids = permissions.map(({ id }) => id)
  const type = direction === 'add' ? 'permission.granted' : 'permission.revoked'
  const event = roleEvent(
    services,
    context,
    type,
    role,
    { permissions: slugs },
    fieldChanges({ permissions: before }, { permissions: after }),
  )
  const { addPermissions, removePermissions } = services.roles
  const outcome = await (direction === 'add' ? addPermissions : removePermissions)(role, ids, event)
  return outcome === 'stale' ? undefined : { role, permissions }
}
