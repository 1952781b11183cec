import type pg from 'pg'
import type { GrantRepository } from '../model/grant.ts'
import { auditColumns, auditParameters, auditValues } from './audit.ts'
import { prepare } from './statement.ts'

const REVOKE = `
WITH ended AS (
  UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
  WHERE id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL RETURNING id
)
INSERT INTO audit_events (${auditColumns}) SELECT ${auditParameters(5)} FROM ended`

export function createGrantRepository(pool: pg.Pool): GrantRepository {
  const revokeRows = prepare(pool, 'revoke-grant', REVOKE)
  return {
    async revoke(grant, cause, now, event) {
      await revokeRows([grant.id, grant.organisationId, now, cause, ...auditValues(event)])
    },
  }
}
