// `storage/invitations` stores invitations by the SHA-256 of their token, and accepts each once.

import type { Pool } from 'pg'
import type { Invitation, InvitationRepository, OpenInvitation } from '../../model/invitations/invitation.ts'
import { organisationIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { confirmAddress } from '../domains/join-by-domain.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { insertUser, orConflict } from '../users/insert-user.ts'
import { acceptAsMember, lockExisting, LOCK_ROLES, LOCK_TEAMS } from './accept-as-member.ts'

const summaries = (table: 'roles' | 'teams', ids: string) => `
  (SELECT coalesce(json_agg(json_build_object('id', x.id, 'name', x.name, 'slug', x.slug) ORDER BY x.slug COLLATE "C"), '[]')
    FROM ${table} x WHERE x.id = ANY (${ids}) AND x.organisation_id = i.organisation_id)`
const COLUMNS = `i.id, i.organisation_id AS "organisationId", i.email, ${summaries('roles', 'i.role_ids')} AS roles,
  ${summaries('teams', 'i.team_ids')} AS teams,
  CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'email', u.email,
    'name', coalesce(u.name, nullif(concat_ws(' ', u.given_name, u.family_name), ''))) END AS "invitedBy",
  i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt", i.accepted_by AS "acceptedBy", i.revoked_at AS "revokedAt",
  i.created_at AS "createdAt", i.updated_at AS "updatedAt"`
const FROM = `FROM invitations i LEFT JOIN users u ON u.id = i.invited_by`
const FOUND = `${FROM} WHERE i.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(i.email)) > 0)
  AND ($3::text IS NULL OR $3 = CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL THEN 'revoked'
    WHEN i.expires_at > $4::timestamptz THEN 'pending' ELSE 'expired' END)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const LIST = `SELECT ${COLUMNS} ${FOUND} ORDER BY i.created_at DESC, i.id DESC LIMIT $5 OFFSET $6`
const FIND = `SELECT ${COLUMNS} ${FROM} WHERE i.id = $1::uuid AND i.organisation_id = $2::uuid`

const IS_OPEN = 'accepted_at IS NULL AND revoked_at IS NULL'
const COUNT_ROLES =
  'SELECT count(*)::int AS found FROM roles WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid'
const COUNT_TEAMS =
  'SELECT count(*)::int AS found FROM teams WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid'
// Whether accounts of other organisations exist, is not disclosed. The address of a deleted one is free when it is erased.
const FIND_MEMBERS = `SELECT u.email_key AS "emailKey" FROM users u WHERE u.email_key = ANY ($1::text[])
  AND (u.organisation_id = $2::uuid
    OR EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id AND m.organisation_id = $2::uuid))`
const FIND_PENDING = `SELECT id, email_key AS "emailKey" FROM invitations
WHERE organisation_id = $2::uuid AND email_key = ANY ($1::text[]) AND ${IS_OPEN} AND expires_at > $3::timestamptz`
// One that has expired makes room for the next.
const REVOKE_EXPIRED = `UPDATE invitations SET revoked_at = $3::timestamptz, updated_at = $3::timestamptz
WHERE organisation_id = $1::uuid AND email_key = $2 AND ${IS_OPEN} AND expires_at <= $3::timestamptz`
const INSERT = `INSERT INTO invitations
  (id, organisation_id, email, email_key, token_hash, role_ids, team_ids, invited_by, expires_at, mailed, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
ON CONFLICT (organisation_id, email_key) WHERE ${IS_OPEN} DO NOTHING`
const RENEW = `UPDATE invitations SET token_hash = $3, expires_at = $4, mailed = $6, updated_at = $5
WHERE id = $1::uuid AND organisation_id = $2::uuid AND ${IS_OPEN}`
const REVOKE = `UPDATE invitations SET revoked_at = $3, updated_at = $3
WHERE id = $1::uuid AND organisation_id = $2::uuid AND ${IS_OPEN}`
const FIND_OPEN = `SELECT i.id, i.email, i.expires_at AS "expiresAt",
  json_build_object('id', o.id, 'slug', o.slug, 'name', o.name) AS organisation,
  EXISTS (SELECT FROM users a WHERE a.email_key = i.email_key AND ${userIsActive('a')}) AS "hasAccount",
  coalesce(u.name, nullif(concat_ws(' ', u.given_name, u.family_name), ''), u.email) AS "invitedBy"
${FROM} JOIN organisations o ON o.id = i.organisation_id
WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2::timestamptz AND ${organisationIsActive('o')}`
const ACCEPT = `UPDATE invitations i SET accepted_at = $2, accepted_by = $3, updated_at = $2
FROM organisations o
WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2::timestamptz
  AND o.id = i.organisation_id AND ${organisationIsActive('o')}
RETURNING i.id, i.organisation_id AS "organisationId", i.email, i.email_key AS "emailKey", i.invited_by AS "invitedBy",
  i.role_ids AS "roleIds", i.team_ids AS "teamIds", i.mailed`

interface AcceptedRow {
  id: string
  organisationId: string
  email: string
  emailKey: string
  invitedBy: string | null
  roleIds: string[]
  teamIds: string[]
  mailed: boolean
}

export function createInvitationRepository(pool: Pool): InvitationRepository {
  return {
    async list({ organisationId, search, status, now, limit, offset }) {
      const which = [organisationId, search, status, now]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<Invitation>(LIST, [...which, limit, offset])
      return { invitations: rows, total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }) {
      return (await pool.query<Invitation>(FIND, [id, organisationId])).rows[0]
    },

    async findOpen(tokenHash, now) {
      return (await pool.query<OpenInvitation>(FIND_OPEN, [tokenHash, now])).rows[0]
    },

    async findByAddress(organisationId, emailKeys, now) {
      const members = await pool.query<{ emailKey: string }>(FIND_MEMBERS, [emailKeys, organisationId])
      const pending = await pool.query<{ id: string; emailKey: string }>(FIND_PENDING, [emailKeys, organisationId, now])
      return { pending: pending.rows, members: members.rows.map(({ emailKey }) => emailKey) }
    },

    create: (invitation, event) =>
      inTransaction(pool, async (connection) => {
        const { id, organisationId, email, emailKey, tokenHash, roleIds, teamIds, invitedBy, expiresAt, mail } =
          invitation
        const hasAll = async (text: string, ids: readonly string[]) => {
          const { rows } = await connection.query<{ found: number }>(text, [ids, organisationId])
          return rows[0]?.found === new Set(ids).size
        }
        if (!(await hasAll(COUNT_ROLES, roleIds))) return 'unknown_role'
        if (!(await hasAll(COUNT_TEAMS, teamIds))) return 'unknown_team'
        const members = await connection.query(FIND_MEMBERS, [[emailKey], organisationId])
        if (members.rows.length > 0) return 'user_exists'
        await connection.query(REVOKE_EXPIRED, [organisationId, emailKey, event.occurredAt])
        const values = [id, organisationId, email, emailKey, tokenHash, roleIds, teamIds, invitedBy, expiresAt]
        const inserted = await connection.query(INSERT, [...values, mail !== undefined, event.occurredAt])
        if (inserted.rowCount === 0) return 'pending'
        await recordAuditEvent(connection, event)
        if (mail) await insertMail(connection, mail)
        return 'created'
      }),

    renew({ id, organisationId }, { tokenHash, expiresAt, mail }, event) {
      const values = [id, organisationId, tokenHash, expiresAt, event.occurredAt, mail !== undefined]
      return writeWithEvents(pool, RENEW, values, [event], mail ? [mail] : [])
    },

    revoke: ({ id, organisationId }, event) =>
      writeWithEvents(pool, REVOKE, [id, organisationId, event.occurredAt], [event]),

    // A taken address fails the transaction, so that the invitation stays open.
    accept: (tokenHash, { id, passwordHash, details: given }, now, recordOf) =>
      orConflict(() =>
        inTransaction(pool, async (connection) => {
          const { rows } = await connection.query<AcceptedRow>(ACCEPT, [tokenHash, now, id])
          const [invitation] = rows
          if (!invitation) return 'unavailable'
          const { organisationId, email, emailKey, mailed } = invitation
          // In the order of `insertUser`. What was deleted since is left out, and what is locked is not deleted meanwhile.
          const teamIds = await lockExisting(connection, LOCK_TEAMS, invitation.teamIds, organisationId)
          const roleIds = await lockExisting(connection, LOCK_ROLES, invitation.roleIds, organisationId)
          const details = { ...given, emailVerified: mailed }
          const user = { id, organisationId, email, emailKey, passwordHash, details }
          await insertUser(connection, user, { roleIds, teamIds, grantedBy: invitation.invitedBy ?? undefined }, now)
          const { event, mail } = recordOf(invitation)
          if (mailed) await confirmAddress(connection, { userId: id, organisationId }, event)
          await recordAuditEvent(connection, event)
          if (mail) await insertMail(connection, mail)
          return { id, organisationId }
        }),
      ),

    acceptAsMember: (tokenHash, userId, now, eventsOf) =>
      inTransaction(pool, (connection) => acceptAsMember(connection, { tokenHash, userId, now }, eventsOf)),
  }
}
