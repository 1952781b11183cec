import type { Pool, PoolClient } from 'pg'
import type { BulkChange, HeldRole, UserBulkRepository } from '../../model/users/bulk-change.ts'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { keepingAnOwner } from '../permissions/last-owner.ts'
import { findUserIds } from './list-users.ts'
import { endAccessOfMany } from './user-access.ts'

const HELD_ROLES = `
SELECT a.user_id AS "userId", a.role_id AS "roleId", a.within_team_id AS "withinTeamId" FROM role_assignments a
WHERE a.user_id = ANY ($2::uuid[]) AND a.organisation_id = $1::uuid AND ${assignmentIsEffective('a', '$3')}
UNION
SELECT t.user_id, a.role_id, a.within_team_id FROM team_members t JOIN role_assignments a ON a.team_id = t.team_id
WHERE t.user_id = ANY ($2::uuid[]) AND t.organisation_id = $1::uuid AND a.organisation_id = $1::uuid
  AND ${assignmentIsEffective('a', '$3')}`
const ROLES = `
SELECT r.id, r.slug, array_agg(p.slug) FILTER (WHERE p.slug IS NOT NULL) AS permissions
FROM roles r LEFT JOIN role_permissions rp ON rp.role_id = r.id LEFT JOIN permissions p ON p.id = rp.permission_id
WHERE r.organisation_id = $1::uuid AND (r.id = ANY ($2::uuid[]) OR r.slug = $3) GROUP BY r.id`

const OWNERS_ELSEWHERE = `
SELECT DISTINCT m.user_id AS id FROM memberships m
WHERE m.user_id = ANY ($2::uuid[]) AND m.organisation_id <> $1::uuid AND EXISTS (
  SELECT FROM role_assignments a JOIN roles r ON r.id = a.role_id
  WHERE a.organisation_id = m.organisation_id AND r.slug = $3 AND a.within_team_id IS NULL AND (a.user_id = m.user_id
    OR a.team_id IN (SELECT t.team_id FROM team_members t WHERE t.user_id = m.user_id AND t.organisation_id = m.organisation_id)))`

// In one order, so that two requests do not wait for one another.
const LOCK = `SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid AND deleted_at IS NULL
ORDER BY id FOR UPDATE`

const usersWhere = (condition: string) =>
  `WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid AND deleted_at IS NULL AND ${condition} RETURNING id`
const membershipsWhere = (condition: string) =>
  `WHERE user_id = ANY ($1::uuid[]) AND organisation_id = $2::uuid AND ${condition} RETURNING user_id AS id`

/** Each changes those users that are not in the state yet, and returns their ids. */
const statements = {
  block: `UPDATE users SET blocked_at = $3::timestamptz, blocked_reason = $4, updated_at = $3::timestamptz
    ${usersWhere('blocked_at IS NULL')}`,
  unblock: `UPDATE users SET blocked_at = NULL, blocked_reason = NULL, updated_at = $3::timestamptz
    ${usersWhere('blocked_at IS NOT NULL')}`,
  suspend: `UPDATE memberships SET state = 'suspended', suspended_at = $3::timestamptz, suspended_reason = $4,
    updated_at = $3::timestamptz ${membershipsWhere("state = 'active'")}`,
  reactivate: `UPDATE memberships SET state = 'active', suspended_at = NULL, suspended_reason = NULL,
    updated_at = $3::timestamptz ${membershipsWhere("state = 'suspended'")}`,
  delete: `UPDATE users SET deleted_at = $3::timestamptz, updated_at = $3::timestamptz ${usersWhere('true')}`,
  'end-sessions': `SELECT DISTINCT s.user_id AS id FROM sessions s
    WHERE s.user_id = ANY ($1::uuid[]) AND s.organisation_id = $2::uuid AND (s.ended_at IS NULL AND s.expires_at > $3::timestamptz
        OR EXISTS (SELECT FROM grants g WHERE g.session_id = s.id AND g.organisation_id = $2::uuid AND g.revoked_at IS NULL))
    UNION SELECT g.user_id FROM grants g WHERE g.user_id = ANY ($1::uuid[]) AND g.session_id IS NULL
      AND g.organisation_id = $2::uuid AND g.revoked_at IS NULL`,
  'assign-role': `INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_by, granted_at)
    SELECT u.id, r.id, r.organisation_id, $5::uuid, $3::timestamptz FROM users u JOIN roles r ON r.organisation_id = u.organisation_id
    WHERE u.id = ANY ($1::uuid[]) AND u.organisation_id = $2::uuid AND u.deleted_at IS NULL AND r.id = $4::uuid
    ON CONFLICT DO NOTHING RETURNING user_id AS id`,
  'remove-role': `DELETE FROM role_assignments
    WHERE user_id = ANY ($1::uuid[]) AND organisation_id = $2::uuid AND role_id = $4::uuid AND within_team_id IS NULL
      AND $3::timestamptz IS NOT NULL
    RETURNING user_id AS id`,
} as const satisfies Record<BulkChange['action'], string>

/** The acts that end access, with the reason that revoked grants have. */
const withdrawals: Partial<Record<BulkChange['action'], { reason: string; everywhere: boolean }>> = {
  block: { reason: 'user_blocked', everywhere: true },
  suspend: { reason: 'membership_suspended', everywhere: false },
  delete: { reason: 'user_deleted', everywhere: true },
  'end-sessions': { reason: 'signed_out', everywhere: false },
}

export function createUserBulkRepository(pool: Pool): UserBulkRepository {
  return {
    find: (query, limit) => findUserIds(pool, query, limit),

    async findHeldRoles(organisationId, userIds, now) {
      const { rows: held } = await pool.query<HeldRole>(HELD_ROLES, [organisationId, userIds, now])
      const roleIds = [...new Set(held.map(({ roleId }) => roleId))]
      const { rows: roles } = await pool.query<{ id: string; slug: string; permissions: string[] | null }>(ROLES, [
        organisationId,
        roleIds,
        OWNER_ROLE_SLUG,
      ])
      const elsewhere = await pool.query<{ id: string }>(OWNERS_ELSEWHERE, [organisationId, userIds, OWNER_ROLE_SLUG])
      return {
        held,
        ownersElsewhere: elsewhere.rows.map(({ id }) => id),
        permissions: new Map(roles.map(({ id, permissions }) => [id, permissions ?? []])),
        ownerRoleId: roles.find(({ slug }) => slug === OWNER_ROLE_SLUG)?.id,
      }
    },

    apply: (organisationId, userIds, change, now, eventOf) =>
      inTransaction(pool, async (connection) => {
        const locked = await connection.query<{ id: string }>(LOCK, [userIds, organisationId])
        const ids = locked.rows.map(({ id }) => id)
        const changed = await keepingAnOwner(connection, organisationId, () =>
          applyTo(connection, organisationId, ids, change, now),
        )
        if (changed === 'last_owner') return changed
        for (const id of changed) await recordAuditEvent(connection, eventOf(id))
        return changed
      }),
  }
}

async function applyTo(
  connection: PoolClient,
  organisationId: string,
  ids: readonly string[],
  change: BulkChange,
  now: Date,
): Promise<string[]> {
  const parameters = [ids, organisationId, now, ...parametersOf(change)]
  const { rows } = await connection.query<{ id: string }>(statements[change.action], parameters)
  const changed = rows.map(({ id }) => id)
  const withdrawal = withdrawals[change.action]
  if (withdrawal) await endAccessOfMany(connection, { ids: changed, organisationId }, now, withdrawal)
  return changed
}

function parametersOf(change: BulkChange): unknown[] {
  if ('reason' in change) return [change.reason]
  if (change.action === 'assign-role') return [change.roleId, change.grantedBy]
  return change.action === 'remove-role' ? [change.roleId] : []
}
