import type { PoolClient } from 'pg'
import type { EndedAccess, UserReference } from '../../model/users/user-directory.ts'
import { endSessionsOfUsers, endUserSessions } from '../sessions/end-user-sessions.ts'

const END_SESSIONS = endUserSessions('expires_at > $3::timestamptz')

/**
 * The ids of the grants of user $1 in organisation $2, by the indexes on the session and on grants without one: grants have
 * none on the user.
 */
export const GRANTS_OF_USER = `
  SELECT g.id FROM sessions s JOIN grants g ON g.session_id = s.id
  WHERE s.user_id = $1::uuid AND s.organisation_id = $2::uuid
  UNION ALL
  SELECT g.id FROM grants g WHERE g.user_id = $1::uuid AND g.session_id IS NULL`

/** Revokes them at $3, for the reason $4. */
export const REVOKE_GRANTS = `
UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
WHERE organisation_id = $2::uuid AND revoked_at IS NULL AND id IN (${GRANTS_OF_USER})`

/** Ends every session and grant of a user in one organisation: back-channel logout is queued, and no token of theirs is active any more. */
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

const LIST_ORGANISATIONS = 'SELECT organisation_id AS id FROM memberships WHERE user_id = $1::uuid ORDER BY 1'

/** The ids of the organisations that a user is a member of. */
export async function organisationsOf(connection: PoolClient, userId: string): Promise<string[]> {
  return (await connection.query<{ id: string }>(LIST_ORGANISATIONS, [userId])).rows.map(({ id }) => id)
}

/** The same in all organisations that the user is a member of, for acts that concern the account. */
export async function endAccessEverywhere(
  connection: PoolClient,
  { id }: UserReference,
  now: Date,
  reason: string,
): Promise<EndedAccess> {
  const total = { sessions: 0, grants: 0 }
  for (const organisationId of await organisationsOf(connection, id)) {
    const ended = await endAccess(connection, { id, organisationId }, now, reason)
    total.sessions += ended.sessions
    total.grants += ended.grants
  }
  return total
}

const REVOKE_GRANTS_OF_MANY = `
UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
WHERE organisation_id = $2::uuid AND revoked_at IS NULL AND id IN (
  SELECT g.id FROM sessions s JOIN grants g ON g.session_id = s.id
  WHERE s.user_id = ANY ($1::uuid[]) AND s.organisation_id = $2::uuid
  UNION ALL
  SELECT g.id FROM grants g WHERE g.user_id = ANY ($1::uuid[]) AND g.session_id IS NULL)`
const END_SESSIONS_OF_MANY = endSessionsOfUsers('expires_at > $3::timestamptz')
const ORGANISATIONS_OF_MANY =
  'SELECT DISTINCT organisation_id AS id FROM memberships WHERE user_id = ANY ($1::uuid[]) ORDER BY 1'

/** The same for many users, in one organisation, or in all that they are members of. */
export async function endAccessOfMany(
  connection: PoolClient,
  { ids, organisationId }: { ids: readonly string[]; organisationId: string },
  now: Date,
  { reason, everywhere }: { reason: string; everywhere: boolean },
): Promise<void> {
  const organisationIds = everywhere
    ? (await connection.query<{ id: string }>(ORGANISATIONS_OF_MANY, [ids])).rows.map(({ id }) => id)
    : [organisationId]
  for (const id of organisationIds) {
    await connection.query(REVOKE_GRANTS_OF_MANY, [ids, id, now, reason])
    await connection.query(END_SESSIONS_OF_MANY, [ids, id, now])
  }
}
