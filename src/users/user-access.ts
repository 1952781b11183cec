import { fieldChanges, secretChange } from '../audit/field-changes.ts'
import { hasPermission, type AdminContext } from '../model/permissions/permission.ts'
import type { EndedAccess } from '../model/users/user-directory.ts'
import type { RoleSummary } from '../model/users/user.ts'
import { assertHoldsPermissions } from '../permissions/privilege-escalation.ts'
import { assertAcceptablePassword } from './create-user.ts'
import { LastOwner, UnknownRoles, UserNotFound } from './errors.ts'
import {
  endedAccess,
  findUser,
  findUserToChange,
  userEvent,
  type AccessWithdrawal,
  type UserFinder,
  type UserManagement,
} from './find-user.ts'

/** Gives a user a role, whose permissions the caller must hold. Whether the user did not have it before. */
export async function assignRole(
  services: UserFinder,
  context: AdminContext,
  id: string,
  roleId: string,
): Promise<boolean> {
  const { user, event } = await prepareRoleChange(services, context, id, roleId, 'user.role_assigned')
  const outcome = await services.userDirectory.assignRole(user, { id: roleId, grantedBy: context.userId }, event)
  if (outcome === 'not_found') throw new UserNotFound()
  return outcome === 'assigned'
}

/** Takes a role from a user. The caller must hold its permissions. Whether the user had it. Throws `LastOwner`. */
export async function removeRole(
  services: UserFinder,
  context: AdminContext,
  id: string,
  roleId: string,
): Promise<boolean> {
  const { user, event } = await prepareRoleChange(services, context, id, roleId, 'user.role_removed')
  const outcome = await services.userDirectory.removeRole(user, roleId, event)
  if (outcome === 'not_found') throw new UserNotFound()
  if (outcome === 'last_owner') throw new LastOwner()
  return outcome === 'removed'
}

/** The user, and the event of the change. Throws `UserNotFound`, `UnknownRoles` and `PermissionEscalation`. */
async function prepareRoleChange(
  services: UserFinder,
  context: AdminContext,
  id: string,
  roleId: string,
  type: 'user.role_assigned' | 'user.role_removed',
) {
  const user = await findUser(services, context, id)
  const [found] = await services.userDirectory.findRoles(context.organisationId, [roleId])
  if (!found) throw new UnknownRoles(['roleId'])
  assertHoldsPermissions(context, found.permissions, 'The role has')
  const { slug } = found.role
  const held = user.roles.map((role) => role.slug)
  const kept = held.filter((other) => other !== slug)
  const roles = type === 'user.role_assigned' ? [...kept, slug].toSorted() : kept
  const changes = fieldChanges({ roles: held }, { roles })
  return { user, event: userEvent(services, context, type, user, { role: slug, roleId }, changes) }
}

/** Why a user has a permission, or that they lack it. */
export interface EffectivePermission {
  permission: string
  granted: boolean
  /** The roles that include the permission, and by which of their permissions. */
  through: { role: RoleSummary; permission: string }[]
}

/** Explains whether a user has a permission. */
export async function explainPermission(
  services: UserFinder,
  context: AdminContext,
  id: string,
  permission: string,
): Promise<EffectivePermission> {
  const user = await findUser(services, context, id)
  const roles = await services.userDirectory.findRolePermissions(user, services.clock.now())
  const through = roles.flatMap(({ role, permissions }) =>
    permissions.filter((held) => hasPermission([held], permission)).map((held) => ({ role, permission: held })),
  )
  return { permission, granted: through.length > 0, through }
}

/** Ends the sessions of a user and everything issued to them. */
export async function endUserSessions(
  services: AccessWithdrawal,
  context: AdminContext,
  id: string,
): Promise<EndedAccess> {
  const user = await findUserToChange(services, context, id)
  const event = userEvent(services, context, 'user.sessions_ended', user)
  return endedAccess(services, await services.userDirectory.endSessions(user, event))
}

/** Sets the password of a user, and ends their sessions and everything issued to them. Throws `InvalidInput`. */
export async function setUserPassword(
  services: UserManagement,
  context: AdminContext,
  id: string,
  password: string,
): Promise<EndedAccess> {
  const user = await findUserToChange(services, context, id)
  await assertAcceptablePassword(services, password, user)
  const event = userEvent(services, context, 'user.password_set', user, {}, [secretChange('password')])
  const outcome = await services.userDirectory.setPassword(user, await services.hashPassword(password), event)
  return endedAccess(services, outcome)
}
