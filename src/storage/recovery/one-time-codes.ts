// `storage/recovery` stores mailed links and codes by their hashes, and consumes each once.

import type { ClientBase, Pool } from 'pg'
import {
  MAX_CODE_ATTEMPTS,
  type CodePurpose,
  type NewOneTimeCode,
  type OpenOneTimeCode,
} from '../../model/recovery/one-time-code.ts'
import { membershipIsActive, organisationIsActive, userIsActive } from '../active-conditions.ts'

const UPSERT = `INSERT INTO one_time_codes
  (id, organisation_id, user_id, purpose, email_key, link_hash, code_hash, browser_hash, context, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (user_id, purpose, email_key) DO UPDATE SET id = excluded.id, organisation_id = excluded.organisation_id,
  link_hash = excluded.link_hash, code_hash = excluded.code_hash, browser_hash = excluded.browser_hash,
  context = CASE WHEN excluded.purpose = 'email_verification' AND one_time_codes.consumed_at IS NULL
    THEN one_time_codes.context || excluded.context ELSE excluded.context END,
  attempts = 0, consumed_at = NULL, created_at = excluded.created_at,
  expires_at = excluded.expires_at`

/**
 * Stores a link in the transaction of this connection. The former link of its user, purpose and address stops working. What
 * waits for the verification of an address waits for the new link.
 */
export async function storeCode(connection: ClientBase, code: NewOneTimeCode): Promise<void> {
  await connection.query(UPSERT, [
    code.id,
    code.organisationId,
    code.userId,
    code.purpose,
    code.emailKey,
    code.linkHash,
    code.codeHash ?? null,
    code.browserHash ?? null,
    JSON.stringify(code.context),
    code.createdAt,
    code.expiresAt,
  ])
}

/** Users who may sign in to their home organisation: `u`, `m` and `o`. */
export const ACTIVE_USERS = `users u JOIN memberships m ON m.user_id = u.id AND m.organisation_id = u.organisation_id
  JOIN organisations o ON o.id = u.organisation_id`
export const USER_MAY_SIGN_IN = `${userIsActive('u')} AND ${membershipIsActive('m')} AND ${organisationIsActive('o')}`

/** Of code `c`. Links to another address than that of the account work only if they change it. */
const isOpen = (now: string) => `c.consumed_at IS NULL AND c.expires_at > ${now}::timestamptz
  AND c.user_id = u.id AND c.organisation_id = u.organisation_id AND ${USER_MAY_SIGN_IN}
  AND (c.email_key = u.email_key OR c.purpose IN ('email_change', 'email_undo'))`

const FIND = `SELECT c.id, c.organisation_id AS "organisationId", c.user_id AS "userId", c.browser_hash AS "browserHash", c.context,
  json_build_object('email', u.email, 'name', u.name, 'givenName', u.given_name, 'familyName', u.family_name,
    'locale', u.locale) AS user,
  json_build_object('id', o.id, 'name', o.name) AS organisation
FROM one_time_codes c, ${ACTIVE_USERS}
WHERE c.link_hash = $1 AND c.purpose = $2 AND ${isOpen('$3')}`
const COUNT_ATTEMPT = `UPDATE one_time_codes c SET attempts = c.attempts + 1
FROM ${ACTIVE_USERS}
WHERE c.email_key = $1 AND u.email_key = $1 AND c.purpose = $2 AND c.code_hash IS NOT NULL
  AND c.attempts < ${MAX_CODE_ATTEMPTS} AND ${isOpen('$3')}
RETURNING c.id, c.organisation_id AS "organisationId", c.code_hash AS "codeHash"`
const REPLACE_LINK = `UPDATE one_time_codes SET link_hash = $3, code_hash = NULL
WHERE id = $1::uuid AND organisation_id = $2::uuid AND consumed_at IS NULL AND code_hash IS NOT NULL`
const CONSUME = `UPDATE one_time_codes c SET consumed_at = $4::timestamptz, context = '{}'
FROM ${ACTIVE_USERS}
WHERE c.id = $1::uuid AND u.id = $2::uuid AND c.organisation_id = $3::uuid AND ${isOpen('$4')}`

export function createOneTimeCodeReader(pool: Pool) {
  return {
    async findCode(linkHash: Uint8Array, purpose: CodePurpose, now: Date) {
      return (await pool.query<OpenOneTimeCode>(FIND, [linkHash, purpose, now])).rows[0]
    },
    async countAttempt(emailKey: string, purpose: CodePurpose, now: Date) {
      const { rows } = await pool.query<{ id: string; organisationId: string; codeHash: Buffer }>(COUNT_ATTEMPT, [
        emailKey,
        purpose,
        now,
      ])
      return rows[0]
    },
    async replaceLink({ id, organisationId }: { id: string; organisationId: string }, linkHash: Uint8Array) {
      return (await pool.query(REPLACE_LINK, [id, organisationId, linkHash])).rowCount === 1
    },
  }
}

/** Consumes a link that works at `now`, in the transaction of this connection. Returns whether it did. */
export async function consumeCode(
  connection: ClientBase,
  { id, userId, organisationId }: { id: string; userId: string; organisationId: string },
  now: Date,
): Promise<boolean> {
  return (await connection.query(CONSUME, [id, userId, organisationId, now])).rowCount === 1
}
