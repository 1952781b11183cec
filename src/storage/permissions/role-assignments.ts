import type { Pool, PoolClient } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type {
  AssignmentRefusal,
  AssignmentSubject,
  RoleAssignment,
  RoleAssignmentRepository,
} from '../../model/permissions/role-assignment.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { keepingAnOwner } from './last-owner.ts'
import { createOwnershipTransfer } from './transfer-ownership.ts'

const summaryOf = (alias: string) =>
  `json_build_object('id', ${alias}.id, 'name', ${alias}.name, 'slug', ${alias}.slug)`
const assignments = (from: string) => `
SELECT a.id, ${summaryOf('r')} AS role,
  ARRAY(SELECT p.slug FROM role_permissions h JOIN permissions p ON p.id = h.permission_id WHERE h.role_id = r.id
    ORDER BY p.slug COLLATE "C") AS permissions,
  CASE WHEN t.id IS NOT NULL THEN ${summaryOf('t')} END AS through,
  CASE WHEN w.id IS NOT NULL THEN ${summaryOf('w')} END AS within,
  a.granted_by AS "grantedBy", a.granted_at AS "grantedAt", a.expires_at AS "expiresAt"
FROM (${from}) a
JOIN roles r ON r.id = a.role_id LEFT JOIN teams t ON t.id = a.team_id LEFT JOIN teams w ON w.id = a.within_team_id
ORDER BY r.slug COLLATE "C", t.slug COLLATE "C" NULLS FIRST, w.slug COLLATE "C" NULLS FIRST`
const LIST_FOR_USER = assignments(`
  SELECT * FROM role_assignments WHERE user_id = $1::uuid AND organisation_id = $2::uuid
  UNION ALL
  SELECT a.* FROM team_members m JOIN role_assignments a ON a.team_id = m.team_id AND a.organisation_id = m.organisation_id
  WHERE m.user_id = $1::uuid AND m.organisation_id = $2::uuid`)
const LIST_FOR_TEAM = assignments(
  'SELECT * FROM role_assignments WHERE team_id = $1::uuid AND organisation_id = $2::uuid',
)
const LIST_FOR_SERVICE_ACCOUNT = assignments(
  'SELECT * FROM role_assignments WHERE service_account_id = $1::uuid AND organisation_id = $2::uuid',
)
const LIST_WITHIN_TEAM = assignments(
  'SELECT * FROM role_assignments WHERE within_team_id = $1::uuid AND organisation_id = $2::uuid',
)

// A member from another organisation as well, whose membership does not end meanwhile.
const LOCK_USER = `SELECT u.id FROM users u JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $2::uuid
WHERE u.id = $1::uuid AND u.deleted_at IS NULL FOR UPDATE OF u FOR KEY SHARE OF m`
const touch = (table: 'teams' | 'service_accounts') => `
UPDATE ${table} SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond')
WHERE id = $1::uuid AND organisation_id = $2::uuid`
const TOUCH_TEAM = touch('teams')
const TOUCH_SERVICE_ACCOUNT = touch('service_accounts')
// None is deleted before the assignment is stored, and then its deletion sees the assignment. Every change locks users and
// service accounts, then teams by their ids, then roles, so that no two wait for one another.
const LOCK_TEAMS = `
SELECT id FROM teams WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid ORDER BY id FOR NO KEY UPDATE`
const LOCK_ROLE = 'SELECT id FROM roles WHERE id = $1::uuid AND organisation_id = $2::uuid FOR KEY SHARE'

type SubjectColumn = 'user_id' | 'team_id' | 'service_account_id'
const assign = (subject: SubjectColumn) => `
INSERT INTO role_assignments AS a (${subject}, organisation_id, role_id, within_team_id, granted_by, granted_at, expires_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::timestamptz, $7::timestamptz)
ON CONFLICT (${subject}, role_id, (coalesce(within_team_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  WHERE ${subject} IS NOT NULL
DO UPDATE SET granted_by = excluded.granted_by, granted_at = excluded.granted_at, expires_at = excluded.expires_at
WHERE a.expires_at IS DISTINCT FROM excluded.expires_at`
const remove = (subject: SubjectColumn) => `
DELETE FROM role_assignments WHERE ${subject} = $1::uuid AND organisation_id = $2::uuid AND role_id = $3::uuid
  AND within_team_id IS NOT DISTINCT FROM $4::uuid`

const statements = {
  user: { assign: assign('user_id'), remove: remove('user_id') },
  team: { assign: assign('team_id'), remove: remove('team_id') },
  service_account: { assign: assign('service_account_id'), remove: remove('service_account_id') },
}

export function createRoleAssignmentRepository(pool: Pool): RoleAssignmentRepository {
  /** Locks the subject, and the team that the role is limited to. Makes a new version of the subject, unless it is a user. */
  async function lock(
    connection: PoolClient,
    { type, id, organisationId }: AssignmentSubject,
    withinTeamId: string | null,
    now: Date,
  ): Promise<'not_found' | 'unknown_team' | undefined> {
    if (type === 'user') {
      const user = await connection.query(LOCK_USER, [id, organisationId])
      if (user.rowCount === 0) return 'not_found'
    }
    if (type === 'service_account') {
      const account = await connection.query(TOUCH_SERVICE_ACCOUNT, [id, organisationId, now])
      if (account.rowCount === 0) return 'not_found'
    }
    const teamIds = [...(type === 'team' ? [id] : []), ...(withinTeamId === null ? [] : [withinTeamId])]
    if (teamIds.length === 0) return undefined
    const { rows } = await connection.query<{ id: string }>(LOCK_TEAMS, [teamIds, organisationId])
    const isLocked = (teamId: string) => rows.some((row) => row.id === teamId.toLowerCase())
    if (type === 'team' && !isLocked(id)) return 'not_found'
    if (withinTeamId !== null && !isLocked(withinTeamId)) return 'unknown_team'
    if (type === 'team') await connection.query(TOUCH_TEAM, [id, organisationId, now])
    return undefined
  }

  /** Runs a change in a transaction, and stores its event where it changed a row. */
  const change = <Done>(
    event: AuditEvent,
    work: (connection: PoolClient) => Promise<Done | 'unchanged' | AssignmentRefusal>,
    done: Done,
  ) =>
    inTransaction(pool, async (connection) => {
      const result = await work(connection)
      if (result === done) await recordAuditEvent(connection, event)
      return result
    })

  return {
    async listForUser({ id, organisationId }) {
      return (await pool.query<RoleAssignment>(LIST_FOR_USER, [id, organisationId])).rows
    },

    async listForTeam({ id, organisationId }) {
      return (await pool.query<RoleAssignment>(LIST_FOR_TEAM, [id, organisationId])).rows
    },

    async listForServiceAccount({ id, organisationId }) {
      return (await pool.query<RoleAssignment>(LIST_FOR_SERVICE_ACCOUNT, [id, organisationId])).rows
    },

    async listWithinTeam({ id, organisationId }) {
      return (await pool.query<RoleAssignment>(LIST_WITHIN_TEAM, [id, organisationId])).rows
    },

    assign: (subject, { roleId, withinTeamId, grantedBy, expiresAt }, event) =>
      change(
        event,
        async (connection) => {
          const { type, id, organisationId } = subject
          const refusal = await lock(connection, subject, withinTeamId, event.occurredAt)
          if (refusal !== undefined) return refusal
          const role = await connection.query(LOCK_ROLE, [roleId, organisationId])
          if (role.rowCount === 0) return 'unknown_role'
          const values = [id, organisationId, roleId, withinTeamId, grantedBy, event.occurredAt, expiresAt]
          const store = async () => {
            const { rowCount } = await connection.query(statements[type].assign, values)
            return rowCount === 1 ? ('assigned' as const) : ('unchanged' as const)
          }
          // An end may take the role from an owner who had it without one.
          return expiresAt === null ? store() : keepingAnOwner(connection, organisationId, store)
        },
        'assigned' as const,
      ),

    remove: (subject, { roleId, withinTeamId }, event) =>
      change(
        event,
        async (connection) => {
          const refusal = await lock(connection, subject, withinTeamId, event.occurredAt)
          if (refusal !== undefined) return refusal
          const { type, id, organisationId } = subject
          return keepingAnOwner(connection, organisationId, async () => {
            const values = [id, organisationId, roleId, withinTeamId]
            const { rowCount } = await connection.query(statements[type].remove, values)
            return rowCount === 1 ? ('removed' as const) : ('unchanged' as const)
          })
        },
        'removed' as const,
      ),

    transferOwnership: createOwnershipTransfer(pool),
  }
}
