import type { PoolClient } from 'pg'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import type { EndedAccess, UserReference } from '../../model/users/user-directory.ts'
import { endUserSessions } from '../sessions/end-user-sessions.ts'

const END_SESSIONS = endUserSessions('expires_at > $3::timestamptz')

// By the indexes on the session and on grants without one: grants have none on the user.
const REVOKE_GRANTS = `
UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
WHERE organisation_id = $2::uuid AND revoked_at IS NULL AND id IN (
  SELECT g.id FROM sessions s JOIN grants g ON g.session_id = s.id
  WHERE s.user_id = $1::uuid AND s.organisation_id = $2::uuid
  UNION ALL
  SELECT g.id FROM grants g WHERE g.user_id = $1::uuid AND g.session_id IS NULL)`

/** Ends every session and grant of a user: back-channel logout is queued, and no token of theirs is active any more. */
export async function endAccess(
  connection: PoolClient,
  { id, organisationId }: UserReference,
  now: Date,
  reason: string,
): Promise<EndedAccess> {
  // Sessions last: grants are found through them.
  const revoked = await connection.query(REVOKE_GRANTS, [id, organisationId, now, reason])
  const ended = await connection.query<{ sessions: number }>(END_SESSIONS, [id, organisationId, now])
  return { sessions: ended.rows[0]?.sessions ?? 0, grants: revoked.rowCount ?? 0 }
}

// Two owners that remove each other wait for one another at this row.
const LOCK_OWNER_ROLE = `SELECT id FROM roles WHERE organisation_id = $1::uuid AND slug = '${OWNER_ROLE_SLUG}' FOR UPDATE`
const IS_LAST_OWNER = `
SELECT EXISTS (SELECT FROM user_roles WHERE user_id = $1::uuid AND role_id = $2::uuid AND organisation_id = $3::uuid)
  AND NOT EXISTS (
    SELECT FROM user_roles a JOIN users u ON u.id = a.user_id AND u.organisation_id = a.organisation_id
    WHERE a.role_id = $2::uuid AND a.organisation_id = $3::uuid AND a.user_id <> $1::uuid
      AND u.blocked_at IS NULL AND u.deleted_at IS NULL) AS "isLast"`

/**
 * Whether the organisation would be without an active owner if this user were not one, or, with `removedRoleId`, lost this
 * role. Holds a lock until the transaction ends, so that the answer stays true.
 */
export async function isLastOwner(
  connection: PoolClient,
  { id, organisationId }: UserReference,
  removedRoleId?: string,
): Promise<boolean> {
  const role = await connection.query<{ id: string }>(LOCK_OWNER_ROLE, [organisationId])
  const roleId = role.rows[0]?.id
  if (roleId === undefined || (removedRoleId !== undefined && removedRoleId !== roleId)) return false
  const { rows } = await connection.query<{ isLast: boolean }>(IS_LAST_OWNER, [id, roleId, organisationId])
  return rows[0]?.isLast === true
}
