import type { Pool } from 'pg'
import type { RoleAssignmentRepository } from '../../model/permissions/role-assignment.ts'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

// The same order as in other changes: users, by their ids, and then the role.
const LOCK_USERS = `SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY id FOR UPDATE`
const LOCK_OWNER_ROLE = `
SELECT id FROM roles WHERE organisation_id = $1::uuid AND slug = '${OWNER_ROLE_SLUG}' FOR NO KEY UPDATE`
const IS_ACTIVE = `SELECT FROM users u JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $2::uuid
WHERE u.id = $1::uuid AND ${userIsActive('u')} AND ${membershipIsActive('m')}`
const TAKE = `DELETE FROM role_assignments
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND role_id = $3::uuid AND within_team_id IS NULL AND expires_at IS NULL`
const GIVE = `
INSERT INTO role_assignments AS a (user_id, organisation_id, role_id, granted_by, granted_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz)
ON CONFLICT (user_id, role_id, (coalesce(within_team_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE user_id IS NOT NULL
DO UPDATE SET granted_by = excluded.granted_by, granted_at = excluded.granted_at, expires_at = NULL`

/** One transaction: the new owner has the role before the previous one loses it. */
export const createOwnershipTransfer =
  (pool: Pool): RoleAssignmentRepository['transferOwnership'] =>
  ({ organisationId, fromUserId, toUserId }, event) =>
    inTransaction(pool, async (connection) => {
      const users = await connection.query(LOCK_USERS, [[fromUserId, toUserId]])
      if (users.rowCount !== 2) return 'not_found'
      const active = await connection.query(IS_ACTIVE, [toUserId, organisationId])
      if (active.rowCount === 0) return 'not_active'
      const { rows } = await connection.query<{ id: string }>(LOCK_OWNER_ROLE, [organisationId])
      const roleId = rows[0]?.id
      const taken = await connection.query(TAKE, [fromUserId, organisationId, roleId])
      if (taken.rowCount === 0) return 'not_owner'
      await connection.query(GIVE, [toUserId, organisationId, roleId, fromUserId, event.occurredAt])
      await recordAuditEvent(connection, event)
      return 'transferred'
    })
