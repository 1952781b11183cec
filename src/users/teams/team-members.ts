import { fieldChanges } from '../../audit/field-changes.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { TeamMember, TeamMemberQuery } from '../../model/teams/team.ts'
import { LastOwner } from '../errors.ts'
import { assertHoldsRolesOfTeam, assertMayAddToTeam } from '../held-assignments.ts'
import { findTeam, teamEvent, TeamNotFound, type TeamManagement } from './find-team.ts'

/** A page of the members of a team. Throws `TeamNotFound`. */
export async function listTeamMembers(
  services: TeamManagement,
  context: AdminContext,
  id: string,
  query: TeamMemberQuery,
): Promise<{ members: TeamMember[]; total: number }> {
  return services.teams.listMembers(await findTeam(services, context, id), query)
}

/**
 * Adds users to a team, who get its roles, and whom roles within the team may administer then: the caller must hold the
 * permissions of both. Returns those who were not members.
 * Throws `TeamNotFound`, `PermissionEscalation`, `InvalidInput` for ids that the organisation does not have, and `Conflict`
 * if all are members already.
 */
export async function addTeamMembers(
  services: TeamManagement,
  context: AdminContext,
  id: string,
  userIds: readonly string[],
): Promise<string[]> {
  const team = await findTeam(services, context, id)
  await assertMayAddToTeam(services, context, team)
  const eventOf = (added: string[]) => {
    const changes = fieldChanges({ members: [] }, { members: added })
    return teamEvent(services, context, 'team.member_added', team, { userIds: added }, changes)
  }
  const outcome = await services.teams.addMembers(team, userIds, eventOf)
  if (outcome === 'not_found') throw new TeamNotFound()
  if ('unknown' in outcome) {
    throw new InvalidInput(
      outcome.unknown.map((userId) => ({
        path: ['userIds'],
        code: 'custom',
        message: `contains ${userId}, which is not a user or member of the organisation`,
      })),
    )
  }
  if (outcome.added.length === 0) throw new Conflict('The team has this member already.')
  return outcome.added
}

/**
 * Removes users from a team, who lose its roles: the caller must hold their permissions. Returns those who were members.
 * Throws `TeamNotFound`, `PermissionEscalation`, `LastOwner`, and `NotFound` if none is a member.
 */
export async function removeTeamMembers(
  services: TeamManagement,
  context: AdminContext,
  id: string,
  userIds: readonly string[],
): Promise<string[]> {
  const team = await findTeam(services, context, id)
  await assertHoldsRolesOfTeam(services, context, team)
  const eventOf = (removed: string[]) => {
    const changes = fieldChanges({ members: removed }, { members: [] })
    return teamEvent(services, context, 'team.member_removed', team, { userIds: removed }, changes)
  }
  const outcome = await services.teams.removeMembers(team, userIds, eventOf)
  if (outcome === 'not_found') throw new TeamNotFound()
  if (outcome === 'last_owner') throw new LastOwner()
  if (outcome.removed.length === 0) throw new NotFound('The team does not have this member.')
  return outcome.removed
}
