import { assignmentIsEffective } from '../active-conditions.ts'

/**
 * The roles that a user has at `now`, by themselves or through a team, and the team that each is limited to, if any:
 * `role_id`, `within_team_id`, `expires_at`. A role occurs as often as the user has it. Rows are found by the keys of the
 * user and the team.
 */
export const heldRoles = (user: string, organisation: string, now: string) => `
  SELECT a.role_id, a.within_team_id, a.expires_at FROM role_assignments a
  WHERE a.user_id = ${user} AND a.organisation_id IS NOT DISTINCT FROM ${organisation}
    AND ${assignmentIsEffective('a', now)}
  UNION ALL
  SELECT a.role_id, a.within_team_id, a.expires_at FROM team_members t JOIN role_assignments a ON a.team_id = t.team_id
  WHERE t.user_id = ${user} AND t.organisation_id IS NOT DISTINCT FROM ${organisation}
    AND a.organisation_id IS NOT DISTINCT FROM ${organisation}
    AND ${assignmentIsEffective('a', now)}`

/** The permissions of the roles in `held` (`role_id`, `within_team_id`) that count in the whole organisation, as an array. */
export const PERMISSIONS_HELD = `ARRAY(SELECT DISTINCT p.slug COLLATE "C" FROM held h
    JOIN role_permissions rp ON rp.role_id = h.role_id JOIN permissions p ON p.id = rp.permission_id
    WHERE h.within_team_id IS NULL ORDER BY 1)`

/** The permissions of those that are limited to a team, as a JSON object by the id of the team. */
export const TEAM_PERMISSIONS_HELD = `(SELECT coalesce(json_object_agg(w.team_id, w.permissions), '{}') FROM (
    SELECT h.within_team_id AS team_id, json_agg(DISTINCT p.slug) AS permissions
    FROM held h JOIN role_permissions rp ON rp.role_id = h.role_id JOIN permissions p ON p.id = rp.permission_id
    WHERE h.within_team_id IS NOT NULL GROUP BY h.within_team_id) w)`
