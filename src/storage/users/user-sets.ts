import type { Pool } from 'pg'
import type { UserQuery } from '../../model/users/user-directory.ts'
import { assignmentIsEffective } from '../active-conditions.ts'

/*
 * Filters by role and by team. How many users have a role or are members of a team differs by orders of magnitude, and
 * PostgreSQL cannot foresee it for a parameter. So a small set is read first, and drives the list; of a large one, each user
 * of the list is asked, which is quick because many of them belong to it.
 */

/** Users who have one of these roles by themselves, or are members of one of these teams. */
interface UserSet {
  roleIds: readonly string[]
  teamIds: readonly string[]
}

/** The sets that a query asks for, in which every listed user must be. */
export interface UserSets {
  /** The users of the smallest set, if it is small. Undefined: all users of the organisation may be in the list. */
  ids: readonly string[] | undefined
  /** The other sets. */
  others: readonly UserSet[]
}

/** Larger sets do not drive a list. */
const MAX_SMALL_SET = 10_000

const ROLES = `SELECT id FROM roles
WHERE organisation_id = $1::uuid AND (slug = $2 OR name = $2 OR id::text = $2)`
const TEAMS = `SELECT id FROM teams
WHERE organisation_id = $1::uuid AND (slug = $2 OR name = $2 OR id::text = $2)`
const TEAMS_WITH_ROLE = `SELECT DISTINCT a.team_id AS id FROM role_assignments a
WHERE a.role_id = ANY ($2::uuid[]) AND a.user_id IS NULL AND a.organisation_id = $1::uuid
  AND ${assignmentIsEffective('a', '$3')}`
const USERS = `SELECT DISTINCT user_id AS id FROM (
  (SELECT a.user_id FROM role_assignments a WHERE a.role_id = ANY ($2::uuid[]) AND a.user_id IS NOT NULL
    AND a.organisation_id = $1::uuid AND ${assignmentIsEffective('a', '$4')} LIMIT ${MAX_SMALL_SET + 1})
  UNION ALL
  (SELECT m.user_id FROM team_members m WHERE m.team_id = ANY ($3::uuid[]) AND m.organisation_id = $1::uuid
    LIMIT ${MAX_SMALL_SET + 1})
) AS members`

/** Reads the sets that the query names. */
export async function findUserSets(
  pool: Pool,
  query: Pick<UserQuery, 'organisationId' | 'now' | 'role' | 'team' | 'teamIds'>,
): Promise<UserSets> {
  const { organisationId, now, role, team, teamIds } = query
  const ids = async (text: string, values: readonly unknown[]) =>
    (await pool.query<{ id: string }>(text, [organisationId, ...values])).rows.map((row) => row.id)
  const named: UserSet[] = []
  if (role !== undefined) {
    const roleIds = await ids(ROLES, [role])
    named.push({ roleIds, teamIds: await ids(TEAMS_WITH_ROLE, [roleIds, now]) })
  }
  if (team !== undefined) named.push({ roleIds: [], teamIds: await ids(TEAMS, [team]) })
  if (teamIds !== undefined) named.push({ roleIds: [], teamIds })
  const sized = await Promise.all(
    named.map(async (set) => ({ set, users: await ids(USERS, [set.roleIds, set.teamIds, now]) })),
  )
  const small = sized
    .filter(({ users }) => users.length <= MAX_SMALL_SET)
    .toSorted((one, other) => one.users.length - other.users.length)[0]
  return { ids: small?.users, others: sized.flatMap((one) => (one === small ? [] : [one.set])) }
}

/** Whether user `u` is in the set. PostgreSQL asks it for each row: the limits keep it from reading the whole set. */
export function isInSet({ roleIds, teamIds }: UserSet, now: string, bind: (value: unknown) => string): string {
  return `coalesce(
    (SELECT true FROM role_assignments a WHERE a.user_id = u.id AND a.role_id = ANY (${bind(roleIds)}::uuid[])
      AND a.organisation_id = u.organisation_id AND ${assignmentIsEffective('a', now)} LIMIT 1),
    (SELECT true FROM team_members m WHERE m.user_id = u.id AND m.team_id = ANY (${bind(teamIds)}::uuid[])
      AND m.organisation_id = u.organisation_id LIMIT 1), false)`
}

/** Users in the form of `users u`, found by their ids one by one, however many there are. */
export const usersByIds = (ids: string) =>
  `unnest(${ids}::uuid[]) AS listed(id) CROSS JOIN LATERAL (SELECT * FROM users WHERE id = listed.id LIMIT 1) u`

/** The users of a large set that can be counted by it, in the form of `users u`: so that counting stops soon. */
export const usersOfSet = ({ roleIds, teamIds }: UserSet, now: string, bind: (value: unknown) => string) => `(
    SELECT a.user_id AS id FROM role_assignments a WHERE a.role_id = ANY (${bind(roleIds)}::uuid[])
      AND a.user_id IS NOT NULL AND ${assignmentIsEffective('a', now)}
    UNION ALL
    SELECT m.user_id FROM team_members m WHERE m.team_id = ANY (${bind(teamIds)}::uuid[])
  ) AS listed CROSS JOIN LATERAL (SELECT * FROM users WHERE id = listed.id LIMIT 1) u`
