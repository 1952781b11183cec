import { isSignedIn, type AdminContext } from '../../model/permissions/permission.ts'
import type { UserBulkRepository } from '../../model/users/bulk-change.ts'
import { assertHoldsPermissions, PermissionEscalation } from '../../permissions/privilege-escalation.ts'
import type { UserManagement } from '../find-user.ts'

interface ProtectionServices extends Pick<UserManagement, 'clock'> {
  userBulk: Pick<UserBulkRepository, 'findHeldRoles'>
}

/**
 * Those of these users whose account the caller may not change, because they have permissions that the caller lacks, and
 * those who are owners, here or of other organisations. Callers may change their own account when they are signed in.
 */
export async function findProtectedUsers(
  { userBulk, clock }: ProtectionServices,
  context: AdminContext,
  userIds: readonly string[],
): Promise<{ forbidden: ReadonlySet<string>; owners: ReadonlySet<string>; ownersElsewhere: ReadonlySet<string> }> {
  const found = await userBulk.findHeldRoles(context.organisationId, userIds, clock.now())
  const { held, permissions, ownerRoleId } = found
  const verdicts = new Map<string, boolean>()
  const forbidden = new Set<string>()
  const owners = new Set<string>()
  for (const { userId, roleId, withinTeamId } of held) {
    const key = `${roleId} ${withinTeamId}`
    const verdict = verdicts.get(key) ?? holdsPermissions(context, permissions.get(roleId) ?? [], withinTeamId)
    verdicts.set(key, verdict)
    if (!verdict && !(userId === context.userId && isSignedIn(context))) forbidden.add(userId)
    if (roleId === ownerRoleId && withinTeamId === null) owners.add(userId)
  }
  return { forbidden, owners, ownersElsewhere: new Set(found.ownersElsewhere) }
}

function holdsPermissions(context: AdminContext, required: readonly string[], within: string | null): boolean {
  try {
    assertHoldsPermissions(context, required, '', within)
    return true
  } catch (error) {
    if (error instanceof PermissionEscalation) return false
    throw error
  }
}
