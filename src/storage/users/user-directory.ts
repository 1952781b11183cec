import type { Pool, PoolClient } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { EndedAccess, UserChangeRefusal, UserDirectory, UserReference } from '../../model/users/user-directory.ts'
import type { RoleSummary } from '../../model/users/user.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { removePasskeys } from '../passkeys/passkeys.ts'
import { removeSecondFactors } from '../second-factors/second-factors.ts'
import { keepingOwners } from '../permissions/last-owner.ts'
import {
  directoryUserColumns,
  isMemberOfAny,
  listUsers,
  readDirectoryUser,
  type DirectoryUserColumns,
} from './list-users.ts'
import { insertUser, orConflict, updateDetails } from './insert-user.ts'
import { writeAttributes } from './attributes/attribute-values.ts'
import { endAccess, endAccessEverywhere, organisationsOf } from './user-access.ts'

const FIND = `SELECT ${directoryUserColumns('$3')} FROM users u WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid
  AND ${isMemberOfAny('$4')}`

const rolePermissions = (from: string) => `
SELECT r.id, r.name, r.slug, array_agg(p.slug ORDER BY p.slug COLLATE "C") FILTER (WHERE p.slug IS NOT NULL) AS permissions
FROM ${from} LEFT JOIN role_permissions rp ON rp.role_id = r.id LEFT JOIN permissions p ON p.id = rp.permission_id`
const FIND_ROLES = `${rolePermissions('roles r')}
WHERE r.organisation_id = $1::uuid AND r.id = ANY ($2::uuid[]) GROUP BY r.id ORDER BY r.slug COLLATE "C"`
const FIND_DEFAULT_ROLE = `${rolePermissions('roles r')}
WHERE r.organisation_id = $1::uuid AND r.is_default GROUP BY r.id ORDER BY r.slug COLLATE "C" LIMIT 1`

const LOCK_USER = `SELECT id FROM users WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL FOR UPDATE`
const LOCK_VERSION = `SELECT updated_at AS "updatedAt" FROM users
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL FOR UPDATE`
const LOCK_DELETED_OR_NOT = 'SELECT id FROM users WHERE id = $1::uuid AND organisation_id = $2::uuid FOR UPDATE'
const BLOCK = `UPDATE users SET blocked_at = coalesce(blocked_at, $3::timestamptz), blocked_reason = $4, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL`
const UNBLOCK = `UPDATE users SET blocked_at = NULL, blocked_reason = NULL, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL`
const SUSPEND = `UPDATE memberships SET state = 'suspended', suspended_at = coalesce(suspended_at, $3::timestamptz),
  suspended_reason = $4, updated_at = $3::timestamptz
WHERE user_id = $1::uuid AND organisation_id = $2::uuid`
const REACTIVATE = `UPDATE memberships SET state = 'active', suspended_at = NULL, suspended_reason = NULL,
  updated_at = $3::timestamptz
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND state = 'suspended'`
const DELETE = `UPDATE users SET deleted_at = $3::timestamptz, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL`
const RESTORE = `UPDATE users SET deleted_at = NULL, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NOT NULL`
const ERASE = 'DELETE FROM users WHERE id = $1::uuid AND organisation_id = $2::uuid'
// What was changed of a user is personal data. That it was changed stays recorded.
const FORGET_CHANGES = `UPDATE audit_events SET changes = NULL
WHERE resource_id = $1 AND organisation_id = $2::uuid AND resource_type = 'user' AND changes IS NOT NULL`
const SET_PASSWORD = `UPDATE users SET password_hash = $4, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL`

interface RoleRow extends RoleSummary {
  permissions: string[] | null
}

export function createUserDirectory(pool: Pool): UserDirectory {
  const readRole = ({ permissions, ...role }: RoleRow) => ({ role, permissions: permissions ?? [] })

  /** Runs `change` in a transaction and stores the event with it. A refusal is returned, and nothing is stored. */
  function change<Result>(
    event: AuditEvent,
    work: (connection: PoolClient) => Promise<{ stored: boolean; result: Result }>,
  ): Promise<Result> {
    return inTransaction(pool, async (connection) => {
      const { stored, result } = await work(connection)
      if (stored) await recordAuditEvent(connection, event)
      return result
    })
  }

  /** An act that takes access away, from a user who must not be the last owner. */
  function withdraw(
    user: UserReference,
    event: AuditEvent,
    reason: string,
    act: (connection: PoolClient) => Promise<unknown>,
  ) {
    return change<EndedAccess | UserChangeRefusal>(event, async (connection) => {
      const { rowCount } = await connection.query(LOCK_USER, [user.id, user.organisationId])
      if (rowCount === 0) return { stored: false, result: 'not_found' }
      const [home, here] = [user.organisationId, reason === 'membership_suspended']
      const all = here ? [home] : await organisationsOf(connection, user.id)
      const result = await keepingOwners(connection, { home, all }, async () => {
        await act(connection)
        return (here ? endAccess : endAccessEverywhere)(connection, user, event.occurredAt, reason)
      })
      return { stored: typeof result !== 'string', result }
    })
  }

  const updateOne = async (connection: PoolClient, text: string, parameters: unknown[]) =>
    (await connection.query(text, parameters)).rowCount === 1

  return {
    list: (query) => listUsers(pool, query),

    async find({ id, organisationId }, { now, teamIds }) {
      const { rows } = await pool.query<DirectoryUserColumns>(FIND, [id, organisationId, now, teamIds])
      return rows[0] && readDirectoryUser(rows[0])
    },

    async findRoles(organisationId, ids) {
      return (await pool.query<RoleRow>(FIND_ROLES, [organisationId, ids])).rows.map(readRole)
    },

    async findDefaultRole(organisationId) {
      return (await pool.query<RoleRow>(FIND_DEFAULT_ROLE, [organisationId])).rows.map(readRole)[0]
    },

    create: (user, access, event) =>
      orConflict(() =>
        change(event, async (connection) => {
          const result = await insertUser(connection, user, access, event.occurredAt)
          return { stored: result === 'created', result }
        }),
      ),

    update: (user, { details, attributes = [] }, event) =>
      orConflict(() =>
        change(event, async (connection) => {
          const found = await connection.query<{ updatedAt: Date }>(LOCK_VERSION, [user.id, user.organisationId])
          const [version] = found.rows
          if (!version) return { stored: false, result: 'not_found' as const }
          if (version.updatedAt.getTime() !== user.updatedAt.getTime())
            return { stored: false, result: 'stale' as const }
          // A later version, even in the same millisecond.
          const now = new Date(Math.max(event.occurredAt.getTime(), version.updatedAt.getTime() + 1))
          await updateDetails(connection, user, details, now)
          await writeAttributes(connection, user, attributes)
          return { stored: true, result: 'updated' as const }
        }),
      ),

    block: (user, reason, event) =>
      withdraw(user, event, 'user_blocked', (connection) =>
        connection.query(BLOCK, [user.id, user.organisationId, event.occurredAt, reason]),
      ),

    unblock: (user, event) =>
      change(event, async (connection) => {
        const stored = await updateOne(connection, UNBLOCK, [user.id, user.organisationId, event.occurredAt])
        return { stored, result: stored ? 'unblocked' : 'not_found' }
      }),

    suspend: (user, reason, event) =>
      withdraw(user, event, 'membership_suspended', (connection) =>
        connection.query(SUSPEND, [user.id, user.organisationId, event.occurredAt, reason]),
      ),

    reactivate: (user, event) =>
      change(event, async (connection) => {
        const stored = await updateOne(connection, REACTIVATE, [user.id, user.organisationId, event.occurredAt])
        return { stored, result: stored ? 'reactivated' : 'not_found' }
      }),

    delete: (user, event) =>
      withdraw(user, event, 'user_deleted', (connection) =>
        connection.query(DELETE, [user.id, user.organisationId, event.occurredAt]),
      ),

    restore: (user, event) =>
      orConflict(() =>
        change(event, async (connection) => {
          const stored = await updateOne(connection, RESTORE, [user.id, user.organisationId, event.occurredAt])
          return { stored, result: stored ? ('restored' as const) : ('not_found' as const) }
        }),
      ),

    erase: (user, event) =>
      change<EndedAccess | UserChangeRefusal>(event, async (connection) => {
        const locked = await updateOne(connection, LOCK_DELETED_OR_NOT, [user.id, user.organisationId])
        if (!locked) return { stored: false, result: 'not_found' }
        const facts = { home: user.organisationId, all: await organisationsOf(connection, user.id) }
        const result = await keepingOwners(connection, facts, async () => {
          const ended = await endAccessEverywhere(connection, user, event.occurredAt, 'user_deleted')
          await connection.query(ERASE, [user.id, user.organisationId])
          await connection.query(FORGET_CHANGES, [user.id, user.organisationId])
          return ended
        })
        return { stored: typeof result !== 'string', result }
      }),

    setPassword: (user, passwordHash, event) =>
      change<EndedAccess | 'not_found'>(event, async (connection) => {
        const { id, organisationId } = user
        const stored = await updateOne(connection, SET_PASSWORD, [id, organisationId, event.occurredAt, passwordHash])
        if (!stored) return { stored, result: 'not_found' }
        return { stored, result: await endAccessEverywhere(connection, user, event.occurredAt, 'password_changed') }
      }),

    removeSecondFactors: (user, event) =>
      change<EndedAccess | 'not_found' | 'no_second_factor'>(event, async (connection) => {
        const locked = await updateOne(connection, LOCK_USER, [user.id, user.organisationId])
        if (!locked) return { stored: false, result: 'not_found' }
        const hadPasskeys = (await removePasskeys(connection, user)) > 0
        const hadApp = await removeSecondFactors(connection, user)
        if (!hadPasskeys && !hadApp) return { stored: false, result: 'no_second_factor' }
        return { stored: true, result: await endAccessEverywhere(connection, user, event.occurredAt, 'mfa_reset') }
      }),

    endSessions: (user, event) =>
      change<EndedAccess | 'not_found'>(event, async (connection) => {
        const locked = await updateOne(connection, LOCK_USER, [user.id, user.organisationId])
        if (!locked) return { stored: false, result: 'not_found' }
        return { stored: true, result: await endAccess(connection, user, event.occurredAt, 'signed_out') }
      }),
  }
}
