// `storage/grants` stores grants, consents, codes, refresh token families and revoked access tokens.
// Each redemption is one statement, which consumes, creates and returns in one round trip.
// `grant-status.ts` defines when a grant is active.

import type pg from 'pg'
import { grantInactiveReason } from '../active-conditions.ts'
import { MAX_COUNTED_ROWS, type GrantRepository } from '../../model/grants/grant.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { grantStatusJoins } from './grant-status.ts'
import { prepare } from '../db/batched-statement.ts'

const revokeGrant = (which: string) => `
WITH revoked AS (
  UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
  WHERE id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL ${which} RETURNING id
)
INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(5)} FROM revoked`

const REVOKE = revokeGrant('')
const REVOKE_FOR_CLIENT = `${revokeGrant('AND client_id = $20::uuid')} RETURNING id`

/** Lists scan at most this many rows of a client, newest first, so that their cost is bounded. */
export const MAX_SCANNED_ROWS = 10_000

const LIST = `
WITH newest AS MATERIALIZED (
  SELECT g.* FROM grants g WHERE g.client_id = $1::uuid AND g.organisation_id IS NOT DISTINCT FROM $2::uuid
  ORDER BY g.id DESC LIMIT ${MAX_SCANNED_ROWS}
), active_grants AS MATERIALIZED (
  SELECT g.id, g.user_id, u.email, g.scopes, g.offline, g.created_at
  FROM newest g ${grantStatusJoins}
  WHERE (${grantInactiveReason('$3')}) IS NULL
  ORDER BY g.id DESC LIMIT greatest(${MAX_COUNTED_ROWS + 1}, $4::int + $5::int)
)
SELECT *, (SELECT count(*)::int FROM active_grants) AS counted_rows, (SELECT count(*) = ${MAX_SCANNED_ROWS} FROM newest) AS scan_truncated
FROM active_grants ORDER BY id DESC LIMIT $4 OFFSET $5`

interface ActiveGrantRow {
  id: string
  user_id: string
  email: string
  scopes: string[]
  offline: boolean
  created_at: Date
  counted_rows: number
  scan_truncated: boolean
}

export function createGrantRepository(pool: pg.Pool): GrantRepository {
  const queryRevoke = prepare(pool, 'revoke-grant', REVOKE)
  const queryRevokeForClient = prepare(pool, 'revoke-grant-for-client', REVOKE_FOR_CLIENT)
  const queryList = prepare<ActiveGrantRow>(pool, 'list-grants', LIST)
  return {
    async listForClient({ id, organisationId }, now, { limit, offset }) {
      const rows = await queryList([id, organisationId, now, limit, offset])
      const grants = rows.map(
        ({ user_id: userId, created_at: createdAt, counted_rows: _, scan_truncated: __, ...grant }) => ({
          ...grant,
          userId,
          createdAt,
        }),
      )
      const [{ counted_rows: counted, scan_truncated: truncated } = { counted_rows: 0, scan_truncated: false }] = rows
      return {
        grants,
        total: Math.min(counted, MAX_COUNTED_ROWS),
        moreThanTotal: truncated || counted > MAX_COUNTED_ROWS,
      }
    },

    async revokeForClient(client, grantId, now, event) {
      const rows = await queryRevokeForClient([
        grantId,
        client.organisationId,
        now,
        'revoked_by_administrator',
        ...auditEventValues(event),
        client.id,
      ])
      return rows.length > 0
    },

    async revoke(grant, reason, now, event) {
      await queryRevoke([grant.id, grant.organisationId, now, reason, ...auditEventValues(event)])
    },
  }
}
