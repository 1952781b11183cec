// `storage/second-factors` stores authenticator apps and recovery codes of users, and sign-ins whose second factor is due.
// One conditional write uses up each proof.

import type { Pool, PoolClient } from 'pg'
import type {
  NewSecondFactor,
  SecondFactorProof,
  SecondFactorRepository,
} from '../../model/second-factors/second-factors.ts'
import type { MailedCode } from '../../model/recovery/account-recovery.ts'
import type { UserReference } from '../../model/users/user-directory.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { storeCode } from '../recovery/one-time-codes.ts'
import { inTransaction } from '../db/transaction.ts'

const FIND = `SELECT t.secret, t.confirmed_at IS NOT NULL AS confirmed,
  (SELECT count(*)::int FROM recovery_codes r
    WHERE r.user_id = u.id AND r.organisation_id = u.organisation_id AND r.used_at IS NULL) AS "unusedRecoveryCodes"
FROM users u LEFT JOIN totp_credentials t ON t.user_id = u.id AND t.organisation_id = u.organisation_id
WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid`

const START_TOTP = `INSERT INTO totp_credentials (user_id, organisation_id, secret, created_at)
VALUES ($1::uuid, $2::uuid, $3, $4)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
WHERE totp_credentials.organisation_id = excluded.organisation_id AND totp_credentials.confirmed_at IS NULL`
const CONFIRM_TOTP = `UPDATE totp_credentials SET confirmed_at = $4, last_used_at = $4, last_step = $5
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND secret = $3 AND confirmed_at IS NULL`
const ADD_TOTP = `INSERT INTO totp_credentials
  (user_id, organisation_id, secret, created_at, confirmed_at, last_used_at, last_step)
VALUES ($1::uuid, $2::uuid, $3, $4, $4, $4, $5)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at,
  confirmed_at = excluded.confirmed_at, last_used_at = excluded.last_used_at, last_step = excluded.last_step
WHERE totp_credentials.organisation_id = excluded.organisation_id AND totp_credentials.confirmed_at IS NULL`
const REMOVE_TOTP = 'DELETE FROM totp_credentials WHERE user_id = $1::uuid AND organisation_id = $2::uuid'
const SET_METHODS = `UPDATE users u SET mfa_methods = ARRAY(
  SELECT 'totp' FROM totp_credentials t
  WHERE t.user_id = u.id AND t.organisation_id = u.organisation_id AND t.confirmed_at IS NOT NULL
  UNION ALL
  SELECT 'passkey' WHERE EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id AND p.organisation_id = u.organisation_id))
WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid`
const LOCK_USER = 'SELECT id FROM users WHERE id = $1::uuid AND organisation_id = $2::uuid FOR UPDATE'
const USE_TOTP = `UPDATE totp_credentials SET last_step = $3, last_used_at = $4
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND confirmed_at IS NOT NULL AND last_step < $3`

const REMOVE_CODES = 'DELETE FROM recovery_codes WHERE user_id = $1::uuid AND organisation_id = $2::uuid'
const ADD_CODES = `INSERT INTO recovery_codes (user_id, organisation_id, code_hash, created_at)
SELECT $1::uuid, $2::uuid, unnest($3::bytea[]), $4`
const USE_CODE = `UPDATE recovery_codes SET used_at = $4
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND code_hash = $3 AND used_at IS NULL`

interface FoundRow {
  secret: Buffer | null
  confirmed: boolean
  unusedRecoveryCodes: number
}

export function createSecondFactorRepository(pool: Pool): SecondFactorRepository {
  return {
    async find({ id, organisationId }) {
      const { rows } = await pool.query<FoundRow>(FIND, [id, organisationId])
      const { secret = null, confirmed = false, unusedRecoveryCodes = 0 } = rows[0] ?? {}
      const stored = secret === null ? undefined : { secret }
      return {
        totp: confirmed ? stored : undefined,
        unconfirmedTotp: confirmed ? undefined : stored,
        unusedRecoveryCodes,
      }
    },

    async startTotp({ id, organisationId }, secret, now) {
      return (await pool.query(START_TOTP, [id, organisationId, secret, now])).rowCount === 1
    },

    confirmTotp: (user, { totpSecret, step, recoveryCodeHashes }, event, notice) =>
      inTransaction(pool, async (connection) => {
        const now = event.occurredAt
        const values = [user.id, user.organisationId, totpSecret, now, step]
        if ((await connection.query(CONFIRM_TOTP, values)).rowCount !== 1) return false
        await replaceCodes(connection, user, recoveryCodeHashes, now)
        await setMfaMethods(connection, user)
        await recordAuditEvent(connection, event)
        if (notice) await storeNotice(connection, notice)
        return true
      }),

    replaceRecoveryCodes: (user, proof, hashes, event) =>
      inTransaction(pool, async (connection) => {
        if (!(await useProof(connection, user, proof, event.occurredAt))) return false
        await replaceCodes(connection, user, hashes, event.occurredAt)
        await recordAuditEvent(connection, event)
        return true
      }),

    remove: (user, proof, event, notice) =>
      inTransaction(pool, async (connection) => {
        if (!(await useProof(connection, user, proof, event.occurredAt))) return false
        await removeSecondFactors(connection, user)
        await recordAuditEvent(connection, event)
        if (notice) await storeNotice(connection, notice)
        return true
      }),

    use: (user, proof, now) => useProof(pool, user, proof, now),
  }
}

/** Stores the mail about a change of the factors, with its link. */
export async function storeNotice(connection: PoolClient, { code, mail }: MailedCode): Promise<void> {
  await storeCode(connection, code)
  await insertMail(connection, mail)
}

/** Uses up a proof by one conditional write. False: it has been used. */
export async function useProof(
  connection: Pick<PoolClient, 'query'>,
  { id, organisationId }: UserReference,
  proof: SecondFactorProof,
  now: Date,
): Promise<boolean> {
  const used =
    proof.method === 'totp'
      ? await connection.query(USE_TOTP, [id, organisationId, proof.step, now])
      : await connection.query(USE_CODE, [id, organisationId, proof.codeHash, now])
  return used.rowCount === 1
}

/** Stores an app that a user without one has proven to hold. False: the user has one by now. */
export async function addSecondFactor(
  connection: Pick<PoolClient, 'query'>,
  user: UserReference,
  { totpSecret, step, recoveryCodeHashes }: NewSecondFactor,
  now: Date,
): Promise<boolean> {
  const added = await connection.query(ADD_TOTP, [user.id, user.organisationId, totpSecret, now, step])
  if (added.rowCount !== 1) return false
  await replaceCodes(connection, user, recoveryCodeHashes, now)
  await setMfaMethods(connection, user)
  return true
}

/** Removes the authenticator app and the recovery codes of a user. False: the user has none. */
export async function removeSecondFactors(
  connection: Pick<PoolClient, 'query'>,
  { id, organisationId }: UserReference,
): Promise<boolean> {
  const removed = await connection.query(REMOVE_TOTP, [id, organisationId])
  await connection.query(REMOVE_CODES, [id, organisationId])
  await setMfaMethods(connection, { id, organisationId })
  return removed.rowCount === 1
}

/** Keeps the methods that the user has with the user, after a change of one. */
export async function setMfaMethods(
  connection: Pick<PoolClient, 'query'>,
  { id, organisationId }: UserReference,
): Promise<void> {
  // Two statements: the second sees what another change has written until the lock was granted.
  await connection.query(LOCK_USER, [id, organisationId])
  await connection.query(SET_METHODS, [id, organisationId])
}

async function replaceCodes(
  connection: Pick<PoolClient, 'query'>,
  { id, organisationId }: UserReference,
  hashes: readonly Uint8Array[],
  now: Date,
): Promise<void> {
  await connection.query(REMOVE_CODES, [id, organisationId])
  await connection.query(ADD_CODES, [id, organisationId, hashes, now])
}
