import type { PoolClient } from 'pg'
import type { GivenAccess, InvitationReference, InvitationRepository } from '../../model/invitations/invitation.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { organisationIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { LOCK_ROLES, LOCK_TEAMS, TOUCH_TEAMS } from '../users/insert-user.ts'

export { LOCK_ROLES, LOCK_TEAMS }

const OPEN = `i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2::timestamptz
  AND o.id = i.organisation_id AND ${organisationIsActive('o')}`
const MEMBER = 'SELECT FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = i.organisation_id'
const ACCEPT = `UPDATE invitations i SET accepted_at = $2, accepted_by = u.id, updated_at = $2 FROM organisations o, users u
WHERE ${OPEN} AND u.id = $3::uuid AND u.email_key = i.email_key AND ${userIsActive('u')} AND NOT EXISTS (${MEMBER})
RETURNING i.id, i.organisation_id AS "organisationId", i.invited_by AS "invitedBy", i.role_ids AS "roleIds",
  i.team_ids AS "teamIds"`
const FIND_REFUSAL = `SELECT u.email_key = i.email_key AS "isAddress" FROM invitations i, organisations o, users u
WHERE ${OPEN} AND u.id = $3::uuid AND ${userIsActive('u')}`
// A user who joins by a domain at the same moment is a member already, and gets the roles and teams as well.
const JOIN = `INSERT INTO memberships (user_id, organisation_id, source, joined_at, updated_at)
VALUES ($1, $2, 'invitation', $3, $3) ON CONFLICT DO NOTHING`
const GIVE_ROLES = `WITH given AS (
  INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_by, granted_at)
  SELECT $1::uuid, id, $2::uuid, $4::uuid, $5::timestamptz FROM unnest($3::uuid[]) AS r(id) ON CONFLICT DO NOTHING
)
SELECT slug FROM roles WHERE organisation_id = $2::uuid AND id = ANY ($3::uuid[]) ORDER BY slug COLLATE "C"`
const ADD_TO_TEAMS = `INSERT INTO team_members (user_id, team_id, organisation_id, joined_at)
SELECT $1::uuid, id, $2::uuid, $4::timestamptz FROM unnest($3::uuid[]) AS t(id) ON CONFLICT DO NOTHING`

interface AcceptedRow {
  id: string
  organisationId: string
  invitedBy: string | null
  roleIds: string[]
  teamIds: string[]
}

/** Locks what there still is of roles or teams, so that it is not deleted meanwhile. Returns the ids. */
export async function lockExisting(
  connection: PoolClient,
  text: string,
  ids: readonly string[],
  organisationId: string,
): Promise<string[]> {
  const { rows } = await connection.query<{ id: string }>(text, [ids, organisationId])
  return rows.map(({ id }) => id)
}

/** `InvitationRepository.acceptAsMember`, in the transaction of `connection`. */
export async function acceptAsMember(
  connection: PoolClient,
  { tokenHash, userId, now }: { tokenHash: Buffer; userId: string; now: Date },
  eventsOf: (invitation: InvitationReference, access: GivenAccess) => readonly AuditEvent[],
): Promise<Awaited<ReturnType<InvitationRepository['acceptAsMember']>>> {
  const accepted = await connection.query<AcceptedRow>(ACCEPT, [tokenHash, now, userId])
  const [invitation] = accepted.rows
  if (!invitation) {
    const { rows } = await connection.query<{ isAddress: boolean }>(FIND_REFUSAL, [tokenHash, now, userId])
    if (!rows[0]) return 'unavailable'
    return rows[0].isAddress ? 'member' : 'other_address'
  }
  const { organisationId, invitedBy } = invitation
  // In the order of `insertUser`. What was deleted since is left out.
  const teamIds = await lockExisting(connection, LOCK_TEAMS, invitation.teamIds, organisationId)
  const roleIds = await lockExisting(connection, LOCK_ROLES, invitation.roleIds, organisationId)
  await connection.query(JOIN, [userId, organisationId, now])
  const given = await connection.query<{ slug: string }>(GIVE_ROLES, [userId, organisationId, roleIds, invitedBy, now])
  await connection.query(ADD_TO_TEAMS, [userId, organisationId, teamIds, now])
  await connection.query(TOUCH_TEAMS, [teamIds, organisationId, now])
  const access = { roles: given.rows.map(({ slug }) => slug), teamIds }
  for (const event of eventsOf(invitation, access)) await recordAuditEvent(connection, event)
  return 'accepted'
}
