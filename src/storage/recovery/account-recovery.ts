import type { Pool, PoolClient } from 'pg'
import type {
  AccountRecoveryRepository,
  MailedEmailChange,
  RecoverableAccount,
  RemainingApiKey,
} from '../../model/recovery/account-recovery.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { removePasskeys } from '../passkeys/passkeys.ts'
import { endUserSessions } from '../sessions/end-user-sessions.ts'
import { confirmAddress } from '../domains/join-by-domain.ts'
import { orConflict } from '../users/insert-user.ts'
import { endAccessEverywhere } from '../users/user-access.ts'
import { ACTIVE_USERS, consumeCode, createOneTimeCodeReader, storeCode, USER_MAY_SIGN_IN } from './one-time-codes.ts'

const FIND_ACCOUNT = `SELECT u.id, u.organisation_id AS "organisationId", u.email, u.email_key AS "emailKey",
  u.email_verified AS "emailVerified", u.locale,
  json_build_object('name', o.name) AS organisation
FROM ${ACTIVE_USERS} WHERE u.email_key = $1 AND ${USER_MAY_SIGN_IN}`
const SET_PASSWORD = `UPDATE users SET password_hash = $3, email_verified = true, updated_at = $4::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid`
const REMOVE_PASSWORD = `UPDATE users SET password_hash = NULL, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid`
const VERIFY_EMAIL = `UPDATE users SET email_verified = true, password_hash = coalesce(password_hash, $3),
  updated_at = $4::timestamptz WHERE id = $1::uuid AND organisation_id = $2::uuid`
const HAS_VERIFIED = `SELECT EXISTS (SELECT FROM one_time_codes c, ${ACTIVE_USERS}
  WHERE c.link_hash = $1 AND c.purpose = 'email_verification' AND c.consumed_at IS NOT NULL AND c.user_id = u.id
    AND c.organisation_id = u.organisation_id AND c.email_key = u.email_key AND u.email_verified) AS verified`
const CHANGE_EMAIL = `UPDATE users SET email = $3, email_key = $4, email_verified = true, updated_at = $5::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid`
// An older change, to another address, must not follow.
const DROP_PENDING_CHANGES = `DELETE FROM one_time_codes
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND purpose = 'email_change'`
const END_OTHER_SESSIONS = endUserSessions('id IS DISTINCT FROM $4::uuid')
const ACTIVE_API_KEYS = `k.user_id = $1::uuid AND k.revoked_at IS NULL AND k.expires_at > $2::timestamptz
  AND k.organisation_id IN (SELECT organisation_id FROM memberships WHERE user_id = $1::uuid)`
const LIST_API_KEYS = `SELECT k.id, k.name, k.prefix FROM api_keys k WHERE ${ACTIVE_API_KEYS} ORDER BY k.created_at, k.id`
const REVOKE_API_KEYS = `UPDATE api_keys k SET revoked_at = $2::timestamptz, revoked_reason = 'revoked' WHERE ${ACTIVE_API_KEYS}`

export function createAccountRecoveryRepository(pool: Pool): AccountRecoveryRepository {
  const revokeApiKeys = (connection: PoolClient, userId: string, now: Date) =>
    connection.query(REVOKE_API_KEYS, [userId, now])

  /** Ends every way in, the password and the passkeys included. */
  async function closeAccount(
    connection: PoolClient,
    { userId, organisationId }: { userId: string; organisationId: string },
    now: Date,
  ) {
    await connection.query(REMOVE_PASSWORD, [userId, organisationId, now])
    await removePasskeys(connection, { id: userId, organisationId })
    const ended = await endAccessEverywhere(connection, { id: userId, organisationId }, now, 'account_secured')
    await revokeApiKeys(connection, userId, now)
    return ended
  }

  async function moveToAddress(connection: PoolClient, change: MailedEmailChange, now: Date): Promise<boolean> {
    const { userId, organisationId, email, emailKey } = change
    if (!(await consumeCode(connection, change, now))) return false
    await connection.query(CHANGE_EMAIL, [userId, organisationId, email, emailKey, now])
    await connection.query(DROP_PENDING_CHANGES, [userId, organisationId])
    return true
  }

  return {
    ...createOneTimeCodeReader(pool),

    async findAccount(emailKey) {
      return (await pool.query<RecoverableAccount>(FIND_ACCOUNT, [emailKey])).rows[0]
    },

    request: ({ code, mail }, event) =>
      inTransaction(pool, async (connection) => {
        await storeCode(connection, code)
        await insertMail(connection, mail)
        await recordAuditEvent(connection, event)
      }),

    async listApiKeys({ id }, now) {
      return (await pool.query<RemainingApiKey>(LIST_API_KEYS, [id, now])).rows
    },

    resetPassword: (
      { codeId, userId, organisationId, passwordHash, revokeApiKeys: endsApiKeys, removePasskeys: endsPasskeys },
      notice,
      event,
    ) =>
      inTransaction(pool, async (connection) => {
        const now = event.occurredAt
        if (!(await consumeCode(connection, { id: codeId, userId, organisationId }, now))) return undefined
        await connection.query(SET_PASSWORD, [userId, organisationId, passwordHash, now])
        await confirmAddress(connection, { userId, organisationId }, event)
        const ended = await endAccessEverywhere(connection, { id: userId, organisationId }, now, 'password_changed')
        if (endsPasskeys) await removePasskeys(connection, { id: userId, organisationId })
        if (endsApiKeys) await revokeApiKeys(connection, userId, now)
        await storeCode(connection, notice.code)
        await insertMail(connection, notice.mail)
        await recordAuditEvent(connection, event)
        return ended
      }),

    verifyEmail: (code, passwordHash, event) =>
      inTransaction(pool, async (connection) => {
        const { userId, organisationId } = code
        if (!(await consumeCode(connection, code, event.occurredAt))) return false
        await connection.query(VERIFY_EMAIL, [userId, organisationId, passwordHash, event.occurredAt])
        await confirmAddress(connection, { userId, organisationId }, event)
        await recordAuditEvent(connection, event)
        return true
      }),

    changeEmail: (change, notice, event) =>
      orTaken(() =>
        inTransaction(pool, async (connection) => {
          if (!(await moveToAddress(connection, change, event.occurredAt))) return 'unavailable'
          const { userId, organisationId, sessionId } = change
          await confirmAddress(connection, { userId, organisationId }, event)
          await connection.query(END_OTHER_SESSIONS, [userId, organisationId, event.occurredAt, sessionId])
          await storeCode(connection, notice.code)
          await insertMail(connection, notice.mail)
          await recordAuditEvent(connection, event)
          return 'changed'
        }),
      ),

    undoEmailChange: (change, next, event) =>
      orTaken(() =>
        inTransaction(pool, async (connection) => {
          if (!(await moveToAddress(connection, change, event.occurredAt))) return 'unavailable'
          await closeAccount(connection, change, event.occurredAt)
          await storeCode(connection, next)
          await recordAuditEvent(connection, event)
          return 'changed'
        }),
      ),

    async hasVerified(linkHash) {
      return (await pool.query<{ verified: boolean }>(HAS_VERIFIED, [linkHash])).rows[0]?.verified === true
    },

    secureAccount: (code, next, event) =>
      inTransaction(pool, async (connection) => {
        const now = event.occurredAt
        if (!(await consumeCode(connection, code, now))) return undefined
        const ended = await closeAccount(connection, code, now)
        await storeCode(connection, next)
        await recordAuditEvent(connection, event)
        return ended
      }),
  }
}

/** A taken address fails the transaction, so that the link stays. */
async function orTaken(
  write: () => Promise<'changed' | 'unavailable'>,
): Promise<'changed' | 'unavailable' | 'email_taken'> {
  const outcome = await orConflict(write)
  if (outcome === 'changed' || outcome === 'unavailable' || outcome === 'email_taken') return outcome
  throw new Error(`A change of the address conflicts: ${outcome}.`)
}
