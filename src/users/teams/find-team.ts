// `users/teams` owns what administrators do to the teams of their organisation, apart from HTTP.
// A member of a team has its roles: to add or remove members, or delete the team, the caller must hold their permissions.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { RoleAssignmentRepository } from '../../model/permissions/role-assignment.ts'
import type { Team, TeamRepository } from '../../model/teams/team.ts'

export interface TeamManagement {
  teams: TeamRepository
  roleAssignments: RoleAssignmentRepository
  clock: Clock
}

export interface TeamFinder {
  teams: Pick<TeamRepository, 'find'>
  clock: Clock
}

export class TeamNotFound extends NotFound {
  override readonly name = 'TeamNotFound'

  constructor() {
    super('There is no such team.')
  }
}

/** The team, if the caller may see it. Throws `TeamNotFound`. */
export async function findTeam({ teams, clock }: TeamFinder, context: AdminContext, id: string): Promise<Team> {
  const { organisationId, limitedToTeams } = context
  const team =
    limitedToTeams === undefined || limitedToTeams.includes(id)
      ? await teams.find({ id, organisationId }, clock.now())
      : undefined
  if (!team) throw new TeamNotFound()
  return team
}

/** What a change would do to a team. `from` is absent for a new team, `to` for a team that would be deleted. */
export interface TeamDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

export const teamDryRun = (changes: TeamDryRun['changes']): TeamDryRun => ({ dryRun: true, changes, warnings: [] })

/** The audit event of a change of a team. */
export function teamEvent(
  { clock }: Pick<TeamManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, slug }: Pick<Team, 'id' | 'slug'>,
  metadata: Readonly<Record<string, unknown>>,
  changes: readonly AuditChange[],
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'team', id },
    metadata: { team: slug, ...metadata },
    changes,
  })
}
