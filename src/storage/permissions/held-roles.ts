import { assignmentIsEffective } from '../active-conditions.ts'

/**
 * The ids of the roles that a user has in the whole organisation at `now`, by themselves or through a team. An id occurs as
 * often as the user has the role. Rows are found by the keys of the user and the team.
 */
export const heldRoleIds = (user: string, organisation: string, now: string) => `
  SELECT a.role_id FROM role_assignments a
  WHERE a.user_id = ${user} AND a.organisation_id IS NOT DISTINCT FROM ${organisation} AND a.within_team_id IS NULL
    AND ${assignmentIsEffective('a', now)}
  UNION ALL
  SELECT a.role_id FROM team_members t JOIN role_assignments a ON a.team_id = t.team_id
  WHERE t.user_id = ${user} AND t.organisation_id IS NOT DISTINCT FROM ${organisation}
    AND a.organisation_id IS NOT DISTINCT FROM ${organisation} AND a.within_team_id IS NULL
    AND ${assignmentIsEffective('a', now)}`
