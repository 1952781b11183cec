import type pg from 'pg'
import { MAX_COUNTED_ROWS } from '../../model/grants/grant.ts'
import type { Consent, ConsentRepository } from '../../model/grants/consent.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { RECORD_EVENT } from '../audit/record-audit-event.ts'
import { MAX_SCANNED_ROWS } from './grants.ts'
import { prepare } from '../db/batched-statement.ts'

const LIST = `
WITH newest AS MATERIALIZED (
  SELECT a.* FROM consents a WHERE a.client_id = $1::uuid AND a.organisation_id IS NOT DISTINCT FROM $2::uuid
  ORDER BY a.granted_at DESC LIMIT ${MAX_SCANNED_ROWS}
), active_consents AS MATERIALIZED (
  SELECT n.user_id, u.email, n.scopes, n.granted_at
  FROM newest n JOIN users u ON u.id = n.user_id AND u.organisation_id IS NOT DISTINCT FROM n.organisation_id
  WHERE n.revoked_at IS NULL AND u.deleted_at IS NULL
  ORDER BY n.granted_at DESC, n.user_id LIMIT greatest(${MAX_COUNTED_ROWS + 1}, $3::int + $4::int)
)
SELECT user_id, email, scopes, granted_at, (SELECT count(*)::int FROM active_consents) AS counted_rows,
  (SELECT count(*) = ${MAX_SCANNED_ROWS} FROM newest) AS scan_truncated
FROM active_consents ORDER BY granted_at DESC, user_id LIMIT $3 OFFSET $4`

// A grant belongs to a session of the user and is deleted before it. It is found by the user's sessions, which are few, and not
// among all grants of the client. Grants of devices have no session; they have an index of their own.
const revokeConsents = (which: string, auditCte: string) => `
WITH due AS MATERIALIZED (
  SELECT a.user_id, a.client_id FROM consents a
  WHERE a.client_id = $1::uuid AND a.organisation_id IS NOT DISTINCT FROM $2::uuid AND a.revoked_at IS NULL
    ${which} FOR UPDATE
), revoked_consents AS (
  UPDATE consents a SET revoked_at = $3::timestamptz FROM due d
  WHERE a.user_id = d.user_id AND a.client_id = d.client_id AND a.organisation_id IS NOT DISTINCT FROM $2::uuid
), revoked_grants AS (
  UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = 'consent_revoked'
  WHERE id IN (
    SELECT g.id FROM due d JOIN sessions s ON s.user_id = d.user_id
    JOIN grants g ON g.session_id = s.id AND g.client_id IS NOT DISTINCT FROM d.client_id
    WHERE g.organisation_id IS NOT DISTINCT FROM $2::uuid AND g.revoked_at IS NULL
    UNION ALL
    SELECT g.id FROM due d
    JOIN grants g ON g.session_id IS NULL AND g.user_id = d.user_id AND g.client_id = d.client_id
    WHERE g.organisation_id IS NOT DISTINCT FROM $2::uuid AND g.revoked_at IS NULL)
)${auditCte}`

const REVOKE = `${revokeConsents(
  'AND a.user_id = $19::uuid',
  `, audited AS (INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(4)} FROM due)`,
)} SELECT FROM due`
const REVOKE_BATCH = `${revokeConsents('ORDER BY a.granted_at LIMIT $4', '')} SELECT FROM due`

/** Consents per batch. */
const REVOKE_BATCH_SIZE = 500

interface ConsentRow {
  user_id: string
  email: string
  scopes: string[]
  granted_at: Date
  counted_rows: number
  scan_truncated: boolean
}

export function createConsentRepository(pool: pg.Pool): ConsentRepository {
  const queryList = prepare<ConsentRow>(pool, 'list-consents', LIST)
  const queryRevoke = prepare(pool, 'revoke-consent', REVOKE)
  const queryRevokeBatch = prepare(pool, 'revoke-consents', REVOKE_BATCH)
  const queryRecordEvent = prepare(pool, 'record-event', RECORD_EVENT)
  return {
    async listForClient({ id, organisationId }, { limit, offset }) {
      const rows = await queryList([id, organisationId, limit, offset])
      const consents = rows.map((row): Consent => ({
        userId: row.user_id,
        email: row.email,
        scopes: row.scopes,
        grantedAt: row.granted_at,
      }))
      const [{ counted_rows: counted, scan_truncated: truncated } = { counted_rows: 0, scan_truncated: false }] = rows
      return {
        consents,
        total: Math.min(counted, MAX_COUNTED_ROWS),
        moreThanTotal: truncated || counted > MAX_COUNTED_ROWS,
      }
    },

    async revoke({ id, organisationId }, userId, now, event) {
      return (await queryRevoke([id, organisationId, now, ...auditEventValues(event), userId])).length > 0
    },

    async revokeAll({ id, organisationId }, now, event) {
      await queryRecordEvent(auditEventValues(event))
      let revoked
      do revoked = await queryRevokeBatch([id, organisationId, now, REVOKE_BATCH_SIZE])
      while (revoked.length === REVOKE_BATCH_SIZE)
    },
  }
}
