import type { Pool, PoolClient } from 'pg'
import type {
  OnboardingToken,
  OnboardingTokenRepository,
  PresentedOnboardingToken,
} from '../../model/organisations/onboarding-token.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

const INSERT = `INSERT INTO onboarding_tokens
  (id, organisation_id, token_hash, email, email_key, created_by, expires_at, created_at)
SELECT $1::uuid, $2::uuid, $3::bytea, $4::text, $5::text, $6::uuid, $7::timestamptz, $8::timestamptz
WHERE NOT EXISTS (SELECT FROM users WHERE email_key = $5::text)`

const LIST = `SELECT id, organisation_id AS "organisationId", email, created_by AS "createdBy", expires_at AS "expiresAt",
  consumed_at AS "consumedAt", consumed_by_organisation_id AS "consumedByOrganisationId", created_at AS "createdAt"
FROM onboarding_tokens WHERE organisation_id = $1::uuid ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`
const COUNT = 'SELECT count(*)::int AS total FROM onboarding_tokens WHERE organisation_id = $1::uuid'

const DELETE = 'DELETE FROM onboarding_tokens WHERE id = $1::uuid AND organisation_id = $2::uuid'

const isValid = `token_hash = $1 AND email_key = $2 AND consumed_at IS NULL AND expires_at > $3::timestamptz`
const IS_VALID = `SELECT EXISTS (SELECT FROM onboarding_tokens WHERE ${isValid}) AS "isValid"`
const CONSUME = `UPDATE onboarding_tokens SET consumed_at = $3::timestamptz, consumed_by_organisation_id = $4::uuid
WHERE ${isValid}`

/** Consumes a token for the organisation that this transaction creates. False if it is unknown, expired or consumed. */
export async function consumeOnboardingToken(
  connection: PoolClient,
  { tokenHash, emailKey }: PresentedOnboardingToken,
  organisationId: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await connection.query(CONSUME, [tokenHash, emailKey, now, organisationId])
  return rowCount === 1
}

export function createOnboardingTokenRepository(pool: Pool): OnboardingTokenRepository {
  return {
    create: ({ id, organisationId, email, createdBy, expiresAt, createdAt }, { tokenHash, emailKey }, event) =>
      inTransaction(pool, async (connection) => {
        const values = [id, organisationId, tokenHash, email, emailKey, createdBy, expiresAt, createdAt]
        const { rowCount } = await connection.query(INSERT, values)
        if (rowCount === 0) return 'email_taken'
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    async list(organisationId, { limit, offset }) {
      const counted = await pool.query<{ total: number }>(COUNT, [organisationId])
      const { rows } = await pool.query<OnboardingToken>(LIST, [organisationId, limit, offset])
      return { tokens: rows, total: counted.rows[0]?.total ?? 0 }
    },

    delete: ({ id, organisationId }, event) => writeWithEvents(pool, DELETE, [id, organisationId], [event]),

    async isValid({ tokenHash, emailKey }, now) {
      const { rows } = await pool.query<{ isValid: boolean }>(IS_VALID, [tokenHash, emailKey, now])
      return rows[0]?.isValid === true
    },
  }
}
