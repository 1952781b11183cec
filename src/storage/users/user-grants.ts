import type { Pool, PoolClient } from 'pg'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { UserAccessRepository, UserConsent, UserGrant } from '../../model/users/user-access.ts'
import type { UserReference } from '../../model/users/user-directory.ts'
import { grantInactiveReason } from '../active-conditions.ts'
import { recordAuditEvent, writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { grantStatusJoins } from '../grants/grant-status.ts'
import { endAccessEverywhere, GRANTS_OF_USER, REVOKE_GRANTS } from './user-access.ts'

const clientSummary = `json_build_object('id', c.id, 'clientId', c.client_id, 'name', c.name) AS client`

const LIST_GRANTS = `
WITH active_grants AS MATERIALIZED (
  SELECT g.id, ${clientSummary}, g.scopes, g.offline, g.session_id AS "sessionId", g.created_at AS "createdAt"
  FROM grants g ${grantStatusJoins}
  WHERE g.id IN (${GRANTS_OF_USER}) AND g.organisation_id = $2::uuid AND (${grantInactiveReason('$3')}) IS NULL
)
SELECT *, (SELECT count(*)::int FROM active_grants) AS total FROM active_grants ORDER BY id DESC LIMIT $4 OFFSET $5`
const REVOKE_GRANT = `UPDATE grants SET revoked_at = $4::timestamptz, revoked_reason = 'revoked_by_administrator'
WHERE id = $3::uuid AND user_id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL`

const LIST_CONSENTS = `
SELECT ${clientSummary}, a.scopes, a.granted_at AS "grantedAt", count(*) OVER ()::int AS total
FROM consents a JOIN clients c ON c.id = a.client_id AND c.organisation_id = a.organisation_id
WHERE a.user_id = $1::uuid AND a.organisation_id = $2::uuid AND a.revoked_at IS NULL AND c.deleted_at IS NULL
ORDER BY a.granted_at DESC, c.id LIMIT $3 OFFSET $4`
// Grants end with the consent that they depend on.
const REVOKE_CONSENTS = `
WITH due AS MATERIALIZED (
  SELECT a.user_id, a.client_id FROM consents a JOIN clients c ON c.id = a.client_id
  WHERE a.user_id = $1::uuid AND a.organisation_id = $2::uuid AND a.revoked_at IS NULL
    AND ($4::text IS NULL OR c.id::text = $4 OR c.client_id = $4)
  ORDER BY a.client_id FOR UPDATE OF a
), revoked_consents AS (
  UPDATE consents a SET revoked_at = $3::timestamptz FROM due d
  WHERE a.user_id = d.user_id AND a.client_id = d.client_id AND a.organisation_id = $2::uuid
), revoked_grants AS (
  UPDATE grants g SET revoked_at = $3::timestamptz, revoked_reason = 'consent_revoked'
  WHERE g.id IN (${GRANTS_OF_USER}) AND g.organisation_id = $2::uuid AND g.revoked_at IS NULL
    AND EXISTS (SELECT FROM due d WHERE d.client_id IS NOT DISTINCT FROM g.client_id)
)
SELECT count(*)::int AS revoked FROM due`

const REMOVE_PASSWORD = `UPDATE users SET password_hash = NULL, updated_at = $3::timestamptz
WHERE id = $1::uuid AND organisation_id = $2::uuid AND password_hash IS NOT NULL`

export function createUserAccessRepository(pool: Pool): UserAccessRepository {
  const revokeConsents = ({ id, organisationId }: UserReference, client: string | null, event: AuditEvent) =>
    withEventIfAny(event, async (connection) => {
      const values = [id, organisationId, event.occurredAt, client]
      const { rows } = await connection.query<{ revoked: number }>(REVOKE_CONSENTS, values)
      return rows[0]?.revoked ?? 0
    })

  /** Runs `work` in a transaction, and stores the event with it if it changed any row. Returns the number. */
  function withEventIfAny(event: AuditEvent, work: (connection: PoolClient) => Promise<number>): Promise<number> {
    return inTransaction(pool, async (connection) => {
      const changed = await work(connection)
      if (changed > 0) await recordAuditEvent(connection, event)
      return changed
    })
  }

  return {
    async listGrants({ id, organisationId }, now, { limit, offset }) {
      const { rows } = await pool.query<UserGrant & { total: number }>(LIST_GRANTS, [
        id,
        organisationId,
        now,
        limit,
        offset,
      ])
      return { grants: rows.map(({ total: _, ...grant }) => grant), total: rows[0]?.total ?? 0 }
    },

    revokeGrant: ({ id, organisationId }, grantId, event) =>
      writeWithEvents(pool, REVOKE_GRANT, [id, organisationId, grantId, event.occurredAt], [event]),

    revokeGrants: ({ id, organisationId }, event) =>
      withEventIfAny(event, async (connection) => {
        const values = [id, organisationId, event.occurredAt, 'revoked_by_administrator']
        return (await connection.query(REVOKE_GRANTS, values)).rowCount ?? 0
      }),

    async listConsents({ id, organisationId }, { limit, offset }) {
      const values = [id, organisationId, limit, offset]
      const { rows } = await pool.query<UserConsent & { total: number }>(LIST_CONSENTS, values)
      return { consents: rows.map(({ total: _, ...consent }) => consent), total: rows[0]?.total ?? 0 }
    },

    revokeConsent: async (user, client, event) => (await revokeConsents(user, client, event)) > 0,
    revokeConsents: (user, event) => revokeConsents(user, null, event),

    removePassword: (user, event) =>
      inTransaction(pool, async (connection) => {
        const values = [user.id, user.organisationId, event.occurredAt]
        const { rowCount } = await connection.query(REMOVE_PASSWORD, values)
        if (rowCount === 0) return 'no_password'
        await recordAuditEvent(connection, event)
        return endAccessEverywhere(connection, user, event.occurredAt, 'password_changed')
      }),
  }
}
