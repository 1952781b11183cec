// `storage/passkeys` stores the passkeys of users. Changes lock the user first, so that of two removals one is the last.

import type { Pool, PoolClient } from 'pg'
import {
  MAX_PASSKEYS,
  type FoundPasskey,
  type Passkey,
  type PasskeyRepository,
  type PasskeyUse,
} from '../../model/passkeys/passkey.ts'
import type { UserReference } from '../../model/users/user-directory.ts'
import { userIsActive } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { setMfaMethods, storeNotice } from '../second-factors/second-factors.ts'

const columns = `p.id, p.organisation_id AS "organisationId", p.user_id AS "userId", p.credential_id AS "credentialId",
  p.public_key AS "publicKey", p.sign_count AS "signCount", p.transports, p.backup_eligible AS "backupEligible",
  p.backed_up AS "backedUp", p.aaguid, p.name, p.created_at AS "createdAt", p.last_used_at AS "lastUsedAt"`
const LIST = `SELECT ${columns} FROM passkeys p
WHERE p.user_id = $1::uuid AND p.organisation_id = $2::uuid ORDER BY p.created_at, p.id`
// The credential id is all that a sign-in names, so this query names no organisation.
const FIND_BY_CREDENTIAL_ID = `SELECT ${columns}, u.email FROM passkeys p
JOIN users u ON u.id = p.user_id AND u.organisation_id = p.organisation_id
WHERE p.credential_id = $1 AND u.deleted_at IS NULL`

const LOCK_USER = `SELECT ${userIsActive('u')} AS "isActive", u.password_hash IS NOT NULL AS "hasPassword" FROM users u
WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid AND u.deleted_at IS NULL FOR UPDATE`
const COUNT = 'SELECT count(*)::int AS count FROM passkeys WHERE user_id = $1::uuid AND organisation_id = $2::uuid'
const ADD = `INSERT INTO passkeys (id, organisation_id, user_id, credential_id, public_key, sign_count, transports,
  backup_eligible, backed_up, aaguid, name, created_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7::text[], $8, $9, $10::uuid, $11, $12) ON CONFLICT (credential_id) DO NOTHING`
const RENAME = `UPDATE passkeys SET name = $4 WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid`
const REMOVE = 'DELETE FROM passkeys WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid'
const REMOVE_ALL = 'DELETE FROM passkeys WHERE user_id = $1::uuid AND organisation_id = $2::uuid'
// An authenticator that counts never goes back, not even to zero (WebAuthn §7.2, step 22).
const USE = `UPDATE passkeys SET sign_count = $4, backed_up = $5, last_used_at = $6
WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid
  AND (sign_count < $4 OR (sign_count = 0 AND $4 = 0))`
const EXISTS = 'SELECT FROM passkeys WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid'

type PasskeyRow<Row extends Passkey> = Omit<Row, 'signCount'> & { signCount: string }
interface LockedUser {
  isActive: boolean
  hasPassword: boolean
}

export function createPasskeyRepository(pool: Pool): PasskeyRepository {
  return {
    async list({ id, organisationId }) {
      return (await pool.query<PasskeyRow<Passkey>>(LIST, [id, organisationId])).rows.map(readPasskey)
    },

    async findByCredentialId(credentialId) {
      const { rows } = await pool.query<PasskeyRow<FoundPasskey>>(FIND_BY_CREDENTIAL_ID, [credentialId])
      return rows[0] && readPasskey(rows[0])
    },

    add: (passkey, { event, notice }) =>
      inTransaction(pool, async (connection) => {
        const user = { id: passkey.userId, organisationId: passkey.organisationId }
        const locked = await lockUser(connection, user)
        if (!locked?.isActive) return 'unavailable'
        if (locked.passkeys >= MAX_PASSKEYS) return 'too_many'
        const added = await connection.query(ADD, [
          passkey.id,
          passkey.organisationId,
          passkey.userId,
          passkey.credentialId,
          passkey.publicKey,
          passkey.signCount,
          passkey.transports,
          passkey.backupEligible,
          passkey.backedUp,
          passkey.aaguid,
          passkey.name,
          passkey.createdAt,
        ])
        if (added.rowCount !== 1) return 'taken'
        await setMfaMethods(connection, user)
        await recordAuditEvent(connection, event)
        if (notice) await storeNotice(connection, notice)
        return 'added'
      }),

    rename: ({ id, userId, organisationId }, name, event) =>
      writeWithEvents(pool, RENAME, [id, userId, organisationId, name], [event]),

    remove: ({ id, userId, organisationId }, { event, notice }, mayLockOut) =>
      inTransaction(pool, async (connection) => {
        const user = { id: userId, organisationId }
        const locked = await lockUser(connection, user)
        const found = await connection.query(EXISTS, [id, userId, organisationId])
        if (!locked || found.rowCount !== 1) return 'not_found'
        if (!mayLockOut && !locked.hasPassword && locked.passkeys === 1) return 'last_way_in'
        await connection.query(REMOVE, [id, userId, organisationId])
        await setMfaMethods(connection, user)
        await recordAuditEvent(connection, event)
        if (notice) await storeNotice(connection, notice)
        return 'removed'
      }),

    use: (use) => inTransaction(pool, (connection) => usePasskey(connection, use)),
  }
}

/** Stores the counter of an assertion by one conditional write. False: it has not grown, or the passkey was removed. */
export async function usePasskey(connection: PoolClient, use: PasskeyUse): Promise<boolean> {
  const { id, userId, organisationId, signCount, backedUp, usedAt, cloneDetected } = use
  const used = await connection.query(USE, [id, userId, organisationId, signCount, backedUp, usedAt])
  if (used.rowCount === 1) return true
  const found = await connection.query(EXISTS, [id, userId, organisationId])
  if (found.rowCount === 1) await recordAuditEvent(connection, cloneDetected)
  return false
}

/** Removes all passkeys of a user, whose row is locked. Returns how many there were. */
export async function removePasskeys(connection: PoolClient, user: UserReference): Promise<number> {
  const { rowCount } = await connection.query(REMOVE_ALL, [user.id, user.organisationId])
  await setMfaMethods(connection, user)
  return rowCount ?? 0
}

async function lockUser(connection: PoolClient, { id, organisationId }: UserReference) {
  const { rows } = await connection.query<LockedUser>(LOCK_USER, [id, organisationId])
  // Counted by a second statement, which sees what the last holder of the lock has written.
  const counted = await connection.query<{ count: number }>(COUNT, [id, organisationId])
  return rows[0] && { ...rows[0], passkeys: counted.rows[0]?.count ?? 0 }
}

function readPasskey<Row extends Passkey>(row: PasskeyRow<Row>): Row {
  return { ...row, signCount: Number(row.signCount) } as Row
}
