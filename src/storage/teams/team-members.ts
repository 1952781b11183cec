import type { Pool, PoolClient } from 'pg'
import { MAX_LISTED_MEMBERS, type TeamMember, type TeamReference, type TeamRepository } from '../../model/teams/team.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { escapeLike } from '../db/like-pattern.ts'
import { inTransaction } from '../db/transaction.ts'
import { keepingAnOwner } from '../permissions/last-owner.ts'

/** Whether the user of row `m` is not deleted. Asked for row by row, so that a limit ends the search. */
export const isMember = (m: string) => `(SELECT u.deleted_at IS NULL FROM users u WHERE u.id = ${m}.user_id)`

const FOUND = `FROM team_members m
WHERE m.team_id = $1::uuid AND m.organisation_id = $2::uuid AND ${isMember('m')}
  AND ($3::text IS NULL OR EXISTS (SELECT FROM user_search s WHERE s.user_id = m.user_id AND s.text LIKE fold_text($3)))`
const COUNT = `SELECT count(*)::int AS total FROM (SELECT ${FOUND} LIMIT ${MAX_LISTED_MEMBERS}) AS counted`
const LIST = `SELECT u.id, u.email, u.name, u.given_name AS "givenName", u.family_name AS "familyName", m.joined_at AS "joinedAt"
FROM (SELECT m.* ${FOUND} ORDER BY m.user_id LIMIT $4 OFFSET $5) m JOIN users u ON u.id = m.user_id ORDER BY m.user_id`

// The team is not deleted before the change is stored, and its version grows.
const TOUCH = `UPDATE teams SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond')
WHERE id = $1::uuid AND organisation_id = $2::uuid`
// Before the team, as in all changes of roles and teams, and in one order: so requests wait for each other, and none for
// one that waits for it.
const LOCK_USERS = `SELECT u.id FROM users u JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $2::uuid
WHERE u.id = ANY ($1::uuid[]) AND u.deleted_at IS NULL ORDER BY u.id FOR KEY SHARE OF u, m`
const ADD = `INSERT INTO team_members (user_id, team_id, organisation_id, joined_at)
SELECT given.id, $2::uuid, $3::uuid, $4::timestamptz FROM unnest($1::uuid[]) AS given(id)
ON CONFLICT DO NOTHING RETURNING user_id`
const REMOVE = `DELETE FROM team_members
WHERE user_id = ANY ($1::uuid[]) AND team_id = $2::uuid AND organisation_id = $3::uuid RETURNING user_id`

const ids = ({ rows }: { rows: { user_id: string }[] }) => rows.map((row) => row.user_id)

export function createTeamMemberStore(
  pool: Pool,
): Pick<TeamRepository, 'listMembers' | 'addMembers' | 'removeMembers'> {
  const touch = async (connection: PoolClient, { id, organisationId }: TeamReference, now: Date) =>
    (await connection.query(TOUCH, [id, organisationId, now])).rowCount === 1

  return {
    async listMembers({ id, organisationId }, { search, limit, offset }) {
      const which = [id, organisationId, search === undefined ? null : `%${escapeLike(search)}%`]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<TeamMember>(LIST, [...which, limit, offset])
      return { members: rows, total: counted.rows[0]?.total ?? 0 }
    },

    addMembers: (team, userIds, eventOf) =>
      inTransaction(pool, async (connection) => {
        const { occurredAt } = eventOf([])
        const users = await connection.query<{ id: string }>(LOCK_USERS, [userIds, team.organisationId])
        if (!(await touch(connection, team, occurredAt))) return 'not_found'
        const unknown = userIds.filter((id) => !users.rows.some((user) => user.id === id))
        if (unknown.length > 0) return { unknown }
        const values = [userIds, team.id, team.organisationId, occurredAt]
        const added = ids(await connection.query<{ user_id: string }>(ADD, values))
        if (added.length > 0) await recordAuditEvent(connection, eventOf(added))
        return { added }
      }),

    removeMembers: (team, userIds, eventOf) =>
      inTransaction(pool, async (connection) => {
        if (!(await touch(connection, team, eventOf([]).occurredAt))) return 'not_found'
        const removed = await keepingAnOwner(connection, team.organisationId, async () =>
          ids(await connection.query<{ user_id: string }>(REMOVE, [userIds, team.id, team.organisationId])),
        )
        if (removed === 'last_owner') return removed
        if (removed.length > 0) await recordAuditEvent(connection, eventOf(removed))
        return { removed }
      }),
  }
}
