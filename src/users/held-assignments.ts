import type { Clock } from '../lib/clock.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import {
  isAssignmentEffective,
  type RoleAssignment,
  type RoleAssignmentRepository,
} from '../model/permissions/role-assignment.ts'
import type { TeamReference } from '../model/teams/team.ts'
import { assertHoldsPermissions } from '../permissions/privilege-escalation.ts'

/** Throws `PermissionEscalation` where a role of the team has a permission that the caller lacks. */
export async function assertHoldsRolesOfTeam(
  { roleAssignments, clock }: { roleAssignments: Pick<RoleAssignmentRepository, 'listForTeam'>; clock: Clock },
  context: AdminContext,
  team: TeamReference,
): Promise<void> {
  assertHoldsAssignments(context, await roleAssignments.listForTeam(team), clock.now(), 'The team has')
}

/** Throws `PermissionEscalation` where one of the assignments in effect has a permission that the caller lacks there. */
export function assertHoldsAssignments(
  context: AdminContext,
  assignments: readonly RoleAssignment[],
  now: Date,
  subject: string,
): void {
  for (const assignment of assignments) {
    if (isAssignmentEffective(assignment, now)) {
      assertHoldsPermissions(context, assignment.permissions, subject, assignment.within?.id ?? null)
    }
  }
}
