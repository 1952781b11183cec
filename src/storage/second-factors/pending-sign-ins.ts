import type { Pool, PoolClient } from 'pg'
import type {
  FoundPendingSignIn,
  PendingSignIn,
  PendingSignInRepository,
} from '../../model/second-factors/pending-sign-in.ts'
import type { User } from '../../model/users/user.ts'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { usePasskey } from '../passkeys/passkeys.ts'
import { addSecondFactor, storeNotice, useProof } from './second-factors.ts'

const INSERT = `INSERT INTO pending_sign_ins (id, organisation_id, user_id, browser_cookie_hash, session_id,
  authorization_request_id, password_hash_digest, stay_signed_in, new_totp_secret, created_at, expires_at,
  required_acr)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
const FIND = `SELECT p.id, p.organisation_id AS "organisationId", p.user_id AS "userId",
  p.browser_cookie_hash AS "browserCookieHash", p.session_id AS "sessionId",
  p.authorization_request_id AS "authorizationRequestId", p.password_hash_digest AS "passwordHashDigest",
  p.stay_signed_in AS "staySignedIn", p.new_totp_secret AS "newTotpSecret", p.required_acr AS "requiredAcr", p.created_at AS "createdAt",
  p.expires_at AS "expiresAt", u.email, u.locale, u.mfa_methods AS "mfaMethods", u.organisation_id AS "homeOrganisationId"
FROM pending_sign_ins p
JOIN users u ON u.id = p.user_id
JOIN memberships m ON m.user_id = p.user_id AND m.organisation_id = p.organisation_id
WHERE p.id = $1 AND p.browser_cookie_hash = $2 AND p.expires_at > $3 AND ${userIsActive('u')} AND ${membershipIsActive('m')}`
// Locked first, so that of two requests with different codes the second finds the sign-in ended and uses up nothing.
const LOCK = `SELECT id FROM pending_sign_ins
WHERE id = $1 AND organisation_id = $2 AND user_id = $3 AND expires_at > $4 FOR UPDATE`
const END = 'DELETE FROM pending_sign_ins WHERE id = $1 AND organisation_id = $2'

type FoundRow = PendingSignIn & Pick<User, 'email' | 'locale'> & { mfaMethods: string[]; homeOrganisationId: string }

export function createPendingSignInRepository(pool: Pool): PendingSignInRepository {
  return {
    async create(signIn) {
      await pool.query(INSERT, [
        signIn.id,
        signIn.organisationId,
        signIn.userId,
        signIn.browserCookieHash,
        signIn.sessionId,
        signIn.authorizationRequestId,
        signIn.passwordHashDigest,
        signIn.staySignedIn,
        signIn.newTotpSecret,
        signIn.createdAt,
        signIn.expiresAt,
        signIn.requiredAcr,
      ])
    },

    async find(id, browserCookieHash, now) {
      const { rows } = await pool.query<FoundRow>(FIND, [id, browserCookieHash, now])
      return rows[0] && readFound(rows[0])
    },

    complete: ({ id, organisationId, user }, proven, enrolment, now) =>
      inTransaction(pool, async (connection) => {
        const locked = await connection.query(LOCK, [id, organisationId, user.id, now])
        if (locked.rowCount !== 1) return false
        if (!(await accept(connection, user, proven, now))) return false
        await connection.query(END, [id, organisationId])
        if (enrolment) await recordAuditEvent(connection, enrolment.event)
        if (enrolment?.notice) await storeNotice(connection, enrolment.notice)
        return true
      }),
  }
}

function accept(
  connection: PoolClient,
  user: FoundPendingSignIn['user'],
  proven: Parameters<PendingSignInRepository['complete']>[1],
  now: Date,
): Promise<boolean> {
  if ('method' in proven) return useProof(connection, user, proven, now)
  if ('cloneDetected' in proven) return usePasskey(connection, proven)
  return addSecondFactor(connection, user, proven, now)
}

function readFound({ email, locale, mfaMethods, homeOrganisationId, ...signIn }: FoundRow): FoundPendingSignIn {
  return { ...signIn, user: { id: signIn.userId, organisationId: homeOrganisationId, email, locale, mfaMethods } }
}
