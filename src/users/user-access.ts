import { secretChange } from '../audit/field-changes.ts'
import { hasPermission, type AdminContext } from '../model/permissions/permission.ts'
import { isAssignmentEffective } from '../model/permissions/role-assignment.ts'
import type { TeamSummary } from '../model/teams/team.ts'
import type { EndedAccess } from '../model/users/user-directory.ts'
import type { RoleSummary } from '../model/users/user.ts'
import { assertAcceptablePassword } from './create-user.ts'
import {
  endedAccess,
  findUser,
  findUserToChange,
  userEvent,
  type AccessWithdrawal,
  type UserManagement,
} from './find-user.ts'
import type { RoleAssigner } from './role-assignments.ts'

/** Why a user has a permission, or that they lack it. */
export interface EffectivePermission {
  permission: string
  granted: boolean
  /**
   * The roles that include the permission, and by which of their permissions. `team`: through which team the user has the
   * role; `within`: the team it is limited to.
   */
  through: {
    role: RoleSummary
    permission: string
    team: TeamSummary | null
    within: TeamSummary | null
    expiresAt: Date | null
  }[]
}

/** Explains whether a user has a permission. It is granted where a role includes it in the whole organisation. */
export async function explainPermission(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
  permission: string,
): Promise<EffectivePermission> {
  const user = await findUser(services, context, id)
  const now = services.clock.now()
  const assignments = await services.roleAssignments.listForUser(user)
  const through = assignments
    .filter((assignment) => isAssignmentEffective(assignment, now))
    .flatMap(({ role, permissions, through: team, within, expiresAt }) =>
      permissions
        .filter((held) => hasPermission([held], permission))
        .map((held) => ({ role, permission: held, team, within, expiresAt })),
    )
  return { permission, granted: through.some(({ within }) => within === null), through }
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
