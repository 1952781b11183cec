import type { Clock } from '../lib/time/clock.ts'
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

/**
 * For acts that add a member to a team. Throws `PermissionEscalation` where the team has a permission that the caller lacks,
 * or a user has one within the team that the caller lacks in the whole organisation: it would reach further by the member.
 */
export async function assertMayAddToTeam(
  services: { roleAssignments: Pick<RoleAssignmentRepository, 'listForTeam' | 'listWithinTeam'>; clock: Clock },
  context: AdminContext,
  team: TeamReference,
): Promise<void> {
  await assertHoldsRolesOfTeam(services, context, team)
  const within = await services.roleAssignments.listWithinTeam(team)
  const inOrganisation = within.map((assignment) => ({ ...assignment, within: null }))
  assertHoldsAssignments(context, inOrganisation, services.clock.now(), 'Roles that are limited to the team have')
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
