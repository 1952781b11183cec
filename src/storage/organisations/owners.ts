import type pg from 'pg'
import type { Owner, OwnerRepository } from '../../model/organisations/owner.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

const LIST = `
SELECT DISTINCT u.id, u.organisation_id AS "organisationId", o.slug AS "organisationSlug", u.email
FROM users u JOIN organisations o ON o.id = u.organisation_id
  JOIN user_roles a ON a.user_id = u.id AND a.organisation_id = u.organisation_id
  JOIN roles r ON r.id = a.role_id AND r.organisation_id = u.organisation_id
WHERE r.slug = 'owner' AND u.deleted_at IS NULL
ORDER BY o.slug, u.email`

const RESET = `
WITH owner AS (
  UPDATE users SET password_hash = $3, blocked_at = NULL, updated_at = $4::timestamptz
  WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL RETURNING id
), ended_sessions AS (
  UPDATE sessions s SET ended_at = $4::timestamptz FROM owner
  WHERE s.user_id = owner.id AND s.organisation_id = $2::uuid AND s.ended_at IS NULL RETURNING s.id
), revoked_grants AS (
  UPDATE grants g SET revoked_at = $4::timestamptz, revoked_reason = 'password_reset' FROM owner
  WHERE g.user_id = owner.id AND g.organisation_id = $2::uuid AND g.revoked_at IS NULL RETURNING g.id
), queued_logouts AS (
  INSERT INTO backchannel_logout_queue (session_id, client_id, organisation_id, user_id, next_attempt_at, created_at)
  SELECT DISTINCT e.id, c.id, $2::uuid, $1::uuid, $4::timestamptz, $4::timestamptz
  FROM ended_sessions e JOIN grants g ON g.session_id = e.id JOIN clients c ON c.id = g.client_id
  WHERE g.organisation_id = $2::uuid AND c.organisation_id = $2::uuid AND 'openid' = ANY (g.scopes)
    AND c.backchannel_logout_uri IS NOT NULL AND c.is_active AND c.deleted_at IS NULL
), audited AS (
  INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(5)} FROM owner
)
SELECT (SELECT count(*)::int FROM ended_sessions) AS "endedSessions",
  (SELECT count(*)::int FROM revoked_grants) AS "revokedGrants"
FROM owner`

export function createOwnerRepository(pool: pg.Pool): OwnerRepository {
  const queryList = prepare<Owner & pg.QueryResultRow>(pool, 'list-owners', LIST)
  const queryReset = prepare<{ endedSessions: number; revokedGrants: number }>(pool, 'reset-owner-password', RESET)
  return {
    list: () => queryList([]),
    async resetPassword({ id, organisationId }, passwordHash, event) {
      const [row] = await queryReset([id, organisationId, passwordHash, event.occurredAt, ...auditEventValues(event)])
      return row
    },
  }
}
