import type pg from 'pg'
import type { Owner, OwnerRepository } from '../../model/organisations/owner.ts'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { auditEventColumns, auditEventParameters, auditEventValues } from '../audit/audit-event-row.ts'
import { prepare } from '../db/batched-statement.ts'

const LIST = `
SELECT DISTINCT u.id, o.id AS "organisationId", o.slug AS "organisationSlug", u.email
FROM roles r JOIN organisations o ON o.id = r.organisation_id
  JOIN role_assignments a ON a.role_id = r.id AND a.organisation_id = r.organisation_id
  LEFT JOIN team_members t ON t.team_id = a.team_id AND t.organisation_id = r.organisation_id
  JOIN users u ON u.id = coalesce(a.user_id, t.user_id)
WHERE r.slug = '${OWNER_ROLE_SLUG}' AND a.within_team_id IS NULL AND ${assignmentIsEffective('a', '$1')}
  AND u.deleted_at IS NULL
ORDER BY o.slug, u.email`

const RESET = `
WITH owner AS (
  UPDATE users SET password_hash = $3, blocked_at = NULL, updated_at = $4::timestamptz
  WHERE id = $1::uuid AND deleted_at IS NULL
    AND EXISTS (SELECT FROM memberships m WHERE m.user_id = $1::uuid AND m.organisation_id = $2::uuid) RETURNING id
), reactivated AS (
  UPDATE memberships m SET state = 'active', suspended_at = NULL, suspended_reason = NULL, updated_at = $4::timestamptz
  FROM owner WHERE m.user_id = owner.id AND m.organisation_id = $2::uuid
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
    list: (now) => queryList([now]),
    async resetPassword({ id, organisationId }, passwordHash, event) {
      const [row] = await queryReset([id, organisationId, passwordHash, event.occurredAt, ...auditEventValues(event)])
      return row
    },
  }
}
