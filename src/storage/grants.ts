import type pg from 'pg'
import { MOST_COUNTED, type GrantRepository } from '../model/grant.ts'
import { auditColumns, auditParameters, auditValues } from './audit.ts'
import { grantEnd, grantHangsFrom } from './liveness.ts'
import { prepare } from './statement.ts'

const revoke = (which: string) => `
WITH ended AS (
  UPDATE grants SET revoked_at = $3::timestamptz, revoked_reason = $4
  WHERE id = $1::uuid AND organisation_id = $2::uuid AND revoked_at IS NULL ${which} RETURNING id
)
INSERT INTO audit_events (${auditColumns}) SELECT ${auditParameters(5)} FROM ended`

const REVOKE = revoke('')
const REVOKE_OF_CLIENT = `${revoke('AND client_id = $20::uuid')} RETURNING id`

/** So many of what a client has are looked at, from the newest on: what is asked of a million must not cost a million. */
export const WINDOW = 10_000

const LIST = `
WITH newest AS MATERIALIZED (
  SELECT g.* FROM grants g WHERE g.client_id = $1::uuid AND g.organisation_id IS NOT DISTINCT FROM $2::uuid
  ORDER BY g.id DESC LIMIT ${WINDOW}
), living AS MATERIALIZED (
  SELECT g.id, g.user_id, u.email, g.scopes, g.offline, g.created_at
  FROM newest g ${grantHangsFrom}
  WHERE (${grantEnd('$3')}) IS NULL
  ORDER BY g.id DESC LIMIT greatest(${MOST_COUNTED + 1}, $4::int + $5::int)
)
SELECT *, (SELECT count(*)::int FROM living) AS counted, (SELECT count(*) = ${WINDOW} FROM newest) AS cut
FROM living ORDER BY id DESC LIMIT $4 OFFSET $5`

interface LiveRow {
  id: string
  user_id: string
  email: string
  scopes: string[]
  offline: boolean
  created_at: Date
  counted: number
  cut: boolean
}

export function createGrantRepository(pool: pg.Pool): GrantRepository {
  const revokeRows = prepare(pool, 'revoke-grant', REVOKE)
  const revokeOfClientRows = prepare(pool, 'revoke-grant-of-client', REVOKE_OF_CLIENT)
  const listRows = prepare<LiveRow>(pool, 'list-grants', LIST)
  return {
    async listOfClient({ id, organisationId }, now, { limit, offset }) {
      const rows = await listRows([id, organisationId, now, limit, offset])
      const grants = rows.map(({ user_id: userId, created_at: createdAt, counted: _, cut: __, ...grant }) => ({
        ...grant,
        userId,
        createdAt,
      }))
      const [{ counted, cut } = { counted: 0, cut: false }] = rows
      return { grants, total: Math.min(counted, MOST_COUNTED), moreThanTotal: cut || counted > MOST_COUNTED }
    },

    async revokeOfClient(client, grantId, now, event) {
      const rows = await revokeOfClientRows([
        grantId,
        client.organisationId,
        now,
        'revoked_by_administrator',
        ...auditValues(event),
        client.id,
      ])
      return rows.length > 0
    },

    async revoke(grant, cause, now, event) {
      await revokeRows([grant.id, grant.organisationId, now, cause, ...auditValues(event)])
    },
  }
}
