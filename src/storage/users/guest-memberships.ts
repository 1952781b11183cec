import type { Pool, PoolClient } from 'pg'
import { domainOfEmail } from '../../lib/text/domain-name.ts'
import type {
  GuestMember,
  GuestMembershipRepository,
  MembershipReference,
  MembershipSuggestion,
  OwnMembership,
} from '../../model/users/guest-membership.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { membershipStates, type MembershipState } from '../../model/users/membership.ts'
import type { EndedAccess } from '../../model/users/user-directory.ts'
import { organisationIsActive } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { JOINABLE, joinByDomain } from '../domains/join-by-domain.ts'
import { keepingAnOwner } from '../permissions/last-owner.ts'
import { endAccess } from './user-access.ts'

const organisation = (o: string) => `json_build_object('id', ${o}.id, 'slug', ${o}.slug, 'name', ${o}.name)`

const FIND_EMAIL = 'SELECT email_key AS "emailKey" FROM users WHERE id = $1::uuid AND deleted_at IS NULL'
const LIST_OWN = `SELECT ${organisation('o')} AS organisation, m.state, m.source, m.joined_at AS "joinedAt",
  m.organisation_id = u.organisation_id AS "isHome"
FROM memberships m JOIN users u ON u.id = m.user_id JOIN organisations o ON o.id = m.organisation_id
WHERE m.user_id = $1::uuid AND ${organisationIsActive('o')} ORDER BY "isHome" DESC, fold_text(o.name) COLLATE "C", o.id`
const LIST_SUGGESTIONS = `SELECT ${organisation('o')} AS organisation, d.domain ${JOINABLE}
  AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = o.id)
ORDER BY fold_text(o.name) COLLATE "C", o.id`

// Only members whose home is another organisation: the membership in the home is that of the account.
const GUESTS = `FROM memberships m JOIN users u ON u.id = m.user_id AND u.organisation_id <> m.organisation_id
  JOIN organisations h ON h.id = u.organisation_id
  WHERE m.organisation_id = $1::uuid AND m.source <> 'local' AND u.deleted_at IS NULL`
const inTeams = (ids: string) => `(${ids}::uuid[] IS NULL OR EXISTS (SELECT FROM team_members t
  WHERE t.user_id = m.user_id AND t.organisation_id = m.organisation_id AND t.team_id = ANY (${ids}::uuid[])))`
const summaries = (
  from: string,
) => `(SELECT coalesce(json_agg(json_build_object('id', x.id, 'name', x.name, 'slug', x.slug)
  ORDER BY x.slug COLLATE "C"), '[]') FROM ${from})`
const COLUMNS = `m.user_id AS "userId", u.email, coalesce(u.name, nullif(concat_ws(' ', u.given_name, u.family_name), '')) AS name,
  ${organisation('h')} AS "homeOrganisation", m.state, m.source, m.suspended_reason AS "suspendedReason",
  m.joined_at AS "joinedAt",
  ${summaries(`role_assignments a JOIN roles x ON x.id = a.role_id
    WHERE a.user_id = m.user_id AND a.organisation_id = m.organisation_id AND a.within_team_id IS NULL`)} AS roles,
  ${summaries(`team_members t JOIN teams x ON x.id = t.team_id
    WHERE t.user_id = m.user_id AND t.organisation_id = m.organisation_id`)} AS teams`
const FOUND = `${GUESTS} AND ($2::text IS NULL OR position(fold_text($2)
  IN fold_text(concat_ws(E'\\n', u.email, u.name, u.given_name, u.family_name))) > 0) AND ${inTeams('$3')}`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY m.joined_at DESC, m.user_id LIMIT $4 OFFSET $5`
const FIND = `SELECT ${COLUMNS} ${GUESTS} AND m.user_id = $2::uuid AND ${inTeams('$3')}`

const LOCK = `SELECT FROM memberships m JOIN users u ON u.id = m.user_id AND u.organisation_id <> m.organisation_id
WHERE m.user_id = $1::uuid AND m.organisation_id = $2::uuid AND m.state = ANY ($3) FOR UPDATE OF u, m`
const SUSPEND = `UPDATE memberships SET state = 'suspended', suspended_at = coalesce(suspended_at, $3::timestamptz),
  suspended_reason = $4, updated_at = $3::timestamptz WHERE user_id = $1::uuid AND organisation_id = $2::uuid`
const REACTIVATE = `UPDATE memberships m SET state = 'active', suspended_at = NULL, suspended_reason = NULL,
  updated_at = $3::timestamptz FROM users u
WHERE m.user_id = $1::uuid AND m.organisation_id = $2::uuid AND m.state = 'suspended'
  AND u.id = m.user_id AND u.organisation_id <> m.organisation_id`
const END = 'DELETE FROM memberships WHERE user_id = $1::uuid AND organisation_id = $2::uuid'

const remove =
  ({ userId, organisationId }: MembershipReference) =>
  (connection: PoolClient) =>
    connection.query(END, [userId, organisationId])

export function createGuestMembershipRepository(pool: Pool): GuestMembershipRepository {
  /** An act that takes access away from a guest, who must not be the last owner. */
  const withdraw = (
    { userId, organisationId }: MembershipReference,
    event: AuditEvent,
    act: (connection: PoolClient) => Promise<unknown>,
    states: readonly MembershipState[] = membershipStates,
  ) =>
    inTransaction(pool, async (connection): Promise<EndedAccess | 'not_found' | 'last_owner'> => {
      if ((await connection.query(LOCK, [userId, organisationId, states])).rowCount === 0) return 'not_found'
      const result = await keepingAnOwner(connection, organisationId, async () => {
        const user = { id: userId, organisationId }
        const ended = await endAccess(connection, user, event.occurredAt, 'membership_suspended')
        await act(connection)
        return ended
      })
      if (result !== 'last_owner') await recordAuditEvent(connection, event)
      return result
    })

  return {
    async listForUser(userId) {
      const memberships = await pool.query<OwnMembership>(LIST_OWN, [userId])
      const { rows } = await pool.query<{ emailKey: string }>(FIND_EMAIL, [userId])
      const domain = domainOfEmail(rows[0]?.emailKey ?? '')
      const suggestions =
        domain === undefined ? [] : (await pool.query<MembershipSuggestion>(LIST_SUGGESTIONS, [userId, domain])).rows
      return { memberships: memberships.rows, suggestions }
    },

    join: ({ userId, organisationId }, facts) =>
      inTransaction(pool, async (connection) => {
        const { rows } = await connection.query<{ emailKey: string }>(FIND_EMAIL, [userId])
        const emailKey = rows[0]?.emailKey ?? ''
        const joined = await joinByDomain(connection, { userId, emailKey, organisationId }, facts)
        return joined > 0 ? 'joined' : 'unavailable'
      }),

    async listGuests({ organisationId, search, teamIds, limit, offset }) {
      const which = [organisationId, search, teamIds]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<GuestMember>(LIST, [...which, limit, offset])
      return { guests: rows, total: counted.rows[0]?.total ?? 0 }
    },

    async findGuest({ userId, organisationId }, { teamIds }) {
      return (await pool.query<GuestMember>(FIND, [organisationId, userId, teamIds])).rows[0]
    },

    suspend: (membership, reason, event) =>
      withdraw(membership, event, (connection) =>
        connection.query(SUSPEND, [membership.userId, membership.organisationId, event.occurredAt, reason]),
      ),

    async reactivate({ userId, organisationId }, event) {
      const stored = await writeWithEvents(pool, REACTIVATE, [userId, organisationId, event.occurredAt], [event])
      return stored ? 'reactivated' : 'not_found'
    },

    end: (membership, event) => withdraw(membership, event, remove(membership)),
    leave: (membership, event) => withdraw(membership, event, remove(membership), ['active']),
  }
}
