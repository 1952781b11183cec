import { assignmentIsEffective } from '../active-conditions.ts'

/**
 * The roles that a user has at `now`, by themselves or through a team, and the team that each is limited to, if any:
 * `role_id`, `within_team_id`. A role occurs as often as the user has it. Rows are found by the keys of the user and the
 * team.
 */
export const heldRoles = (user: string, organisation: string, now: string) =>
  assignmentsInEffect(user, organisation, now, 'true')

/** The ids of the roles that a user has in the whole organisation, likewise. */
export const heldRoleIds = (user: string, organisation: string, now: string) => `
  SELECT role_id FROM (${assignmentsInEffect(user, organisation, now, 'a.within_team_id IS NULL')}) held`

const assignmentsInEffect = (user: string, organisation: string, now: string, scope: string) => `
  SELECT a.role_id, a.within_team_id FROM role_assignments a
  WHERE a.user_id = ${user} AND a.organisation_id IS NOT DISTINCT FROM ${organisation} AND ${scope}
    AND ${assignmentIsEffective('a', now)}
  UNION ALL
  SELECT a.role_id, a.within_team_id FROM team_members t JOIN role_assignments a ON a.team_id = t.team_id
  WHERE t.user_id = ${user} AND t.organisation_id IS NOT DISTINCT FROM ${organisation}
    AND a.organisation_id IS NOT DISTINCT FROM ${organisation} AND ${scope}
    AND ${assignmentIsEffective('a', now)}`
