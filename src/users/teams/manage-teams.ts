import { fieldChanges } from '../../audit/field-changes.ts'
import { Conflict } from '../../lib/domain-error.ts'
import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { NewTeam, Team, TeamChange } from '../../model/teams/team.ts'
import { LastOwner } from '../errors.ts'
import { assertHoldsRolesOfTeam } from '../held-assignments.ts'
import { findTeam, teamDryRun, teamEvent, type TeamDryRun, type TeamManagement } from './find-team.ts'

/** Creates a team without members and roles. Throws `Conflict` if the slug is taken. */
export async function createTeam(
  services: TeamManagement,
  context: AdminContext,
  settings: Pick<NewTeam, 'slug' | 'name' | 'description'>,
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<Team | TeamDryRun> {
  if (dryRun) {
    const { name, slug, description } = settings
    return teamDryRun(Object.entries({ name, slug, description }).map(([member, to]) => ({ member, to })))
  }
  const team = { ...settings, id: uuidv7(services.clock.now()), organisationId: context.organisationId }
  const event = teamEvent(
    services,
    context,
    'team.created',
    team,
    { name: team.name },
    fieldChanges(undefined, settings),
  )
  if ((await services.teams.create(team, event)) === 'slug_taken') {
    throw new Conflict('Another team of the organisation has this slug.')
  }
  return findTeam(services, context, team.id)
}

/** Changes name and description. Throws `TeamNotFound` and `PreconditionFailed`. */
export function updateTeam(
  services: TeamManagement,
  context: AdminContext,
  id: string,
  change: TeamChange,
  conditions: UpdateConditions,
): Promise<Team | TeamDryRun> {
  const find = () => findTeam(services, context, id)
  return withOptimisticRetry<Team, Team | TeamDryRun>(find, conditions, async (team) => {
    const changes = changesOf(team, change)
    if (conditions.dryRun) return teamDryRun(changes)
    if (changes.length === 0) return team
    const after = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
    const event = teamEvent(services, context, 'team.updated', team, {}, fieldChanges(team, after))
    const outcome = await services.teams.update(team, after, event)
    return outcome === 'stale' ? undefined : findTeam(services, context, id)
  })
}

function changesOf(team: Team, change: TeamChange) {
  return (['name', 'description'] as const).flatMap((member) => {
    const to = change[member]
    return to === undefined || to === team[member] ? [] : [{ member, from: team[member], to }]
  })
}

/**
 * Deletes a team. Its members lose the roles that they have through it, and roles within it end. Throws `TeamNotFound`,
 * `PreconditionFailed`, `PermissionEscalation` and `LastOwner`.
 */
export function deleteTeam(
  services: TeamManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<TeamDryRun | 'deleted'> {
  const find = () => findTeam(services, context, id)
  return withOptimisticRetry<Team, TeamDryRun | 'deleted'>(find, conditions, async (team) => {
    await assertHoldsRolesOfTeam(services, context, team)
    if (conditions.dryRun) return teamDryRun([{ member: 'id', from: team.id }])
    const { name, slug, description } = team
    const deleted = fieldChanges({ name, slug, description, roles: team.roles.map((role) => role.slug) }, undefined)
    const event = teamEvent(services, context, 'team.deleted', team, { name }, deleted)
    const outcome = await services.teams.delete(team, event)
    if (outcome === 'last_owner') throw new LastOwner()
    return outcome === 'stale' ? undefined : outcome
  })
}
