import type { PoolClient } from 'pg'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'

/**
 * Users who are owners of organisation `organisation` until that is changed: active, and with the role in the whole
 * organisation, without an end, by themselves or through a team.
 */
const lastingOwners = (role: string, organisation: string) => `
  SELECT FROM (
    SELECT a.user_id FROM role_assignments a
    WHERE a.role_id = ${role} AND a.organisation_id = ${organisation} AND a.user_id IS NOT NULL
      AND a.within_team_id IS NULL AND a.expires_at IS NULL
    UNION ALL
    SELECT t.user_id FROM role_assignments a
    JOIN team_members t ON t.team_id = a.team_id AND t.organisation_id = a.organisation_id
    WHERE a.role_id = ${role} AND a.organisation_id = ${organisation} AND a.within_team_id IS NULL AND a.expires_at IS NULL
  ) h
  JOIN users u ON u.id = h.user_id
  JOIN memberships m ON m.user_id = h.user_id AND m.organisation_id = ${organisation}
  WHERE ${userIsActive('u')} AND ${membershipIsActive('m')}`

// Two acts that each take one of the last two owners wait for one another at this row.
const LOCK_OWNER_ROLE = `
SELECT id FROM roles WHERE organisation_id = $1::uuid AND slug = '${OWNER_ROLE_SLUG}' FOR NO KEY UPDATE`
const HAS_OWNER = `SELECT EXISTS (${lastingOwners('$1::uuid', '$2::uuid')}) AS "hasOwner"`

/**
 * Carries out an act that may take an owner from the organisation. Returns `last_owner`, and stores no part of the act,
 * where the organisation had an active owner whose role has no end, and would have none. Holds a lock until the transaction
 * ends. Lock users, then teams, before: or two acts wait for one another.
 */
export async function keepingAnOwner<Result>(
  connection: PoolClient,
  organisationId: string,
  act: () => Promise<Result>,
): Promise<Result | 'last_owner'> {
  const locked = await connection.query<{ id: string }>(LOCK_OWNER_ROLE, [organisationId])
  const roleId = locked.rows[0]?.id
  const hasOwner = async () => {
    const { rows } = await connection.query<{ hasOwner: boolean }>(HAS_OWNER, [roleId, organisationId])
    return rows[0]?.hasOwner === true
  }
  if (roleId === undefined || !(await hasOwner())) return act()
  await connection.query('SAVEPOINT act')
  const result = await act()
  if (await hasOwner()) return result
  await connection.query('ROLLBACK TO SAVEPOINT act')
  return 'last_owner'
}

/**
 * The same for an act that ends access in several organisations: the home, and others in which the user is a member. In the
 * order of their ids, so that two such acts do not wait for one another.
 */
export async function keepingOwners<Result>(
  connection: PoolClient,
  { home, all }: { home: string; all: readonly string[] },
  act: () => Promise<Result>,
): Promise<Result | 'last_owner' | 'last_owner_elsewhere'> {
  let refusedBy: string | undefined
  const within = async ([organisationId, ...rest]: readonly string[]): Promise<{ result: Result } | 'last_owner'> => {
    if (organisationId === undefined) return { result: await act() }
    const kept = await keepingAnOwner(connection, organisationId, () => within(rest))
    if (kept === 'last_owner') refusedBy ??= organisationId
    return kept
  }
  const kept = await within([...new Set([...all, home])].toSorted())
  if (kept !== 'last_owner') return kept.result
  return refusedBy === home ? 'last_owner' : 'last_owner_elsewhere'
}
