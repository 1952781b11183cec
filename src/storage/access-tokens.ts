import type pg from 'pg'
import type { AccessTokenReference, AccessTokenRepository, AccessTokenState } from '../model/access-token.ts'
import type { SubjectDetails } from '../model/grant.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { auditArrayParameters, auditArrays, auditColumns, auditInput } from './audit.ts'
import { grantColumns, grantEnd, grantHangsFrom, readSubject, type GrantColumns } from './liveness.ts'
import { column, inInputOrder, prepare, together } from './statement.ts'
import { readUser, userColumns, type UserColumns } from './user-columns.ts'

// A machine's token says only to the second when it was issued: in doubt it is from after its client came back.
const INSPECT = `
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[])
  WITH ORDINALITY AS t(jti, token_client_id, token_organisation_id, token_grant_id, issued_at, ord)
)
SELECT i.ord::int, d.jti IS NOT NULL AS denied, g.id IS NOT NULL AS granted,
  CASE
    WHEN k.id IS NULL OR k.deleted_at IS NOT NULL OR NOT k.is_active
      OR date_trunc('second', k.revoked_at) > i.issued_at THEN 'client_revoked'
    WHEN ko.status NOT IN ('trial', 'active') THEN 'organisation_closed'
  END AS client_end,
  ${grantEnd} AS grant_end, ${grantColumns}, ${userColumns},
  ARRAY(SELECT json_build_object('slug', r.slug, 'name', r.name) FROM user_roles ur JOIN roles r ON r.id = ur.role_id
        WHERE ur.user_id = g.user_id AND ur.organisation_id = g.organisation_id ORDER BY r.slug) AS role_names,
  ARRAY(SELECT DISTINCT p.slug FROM user_roles ur JOIN role_permissions rp ON rp.role_id = ur.role_id
        JOIN permissions p ON p.id = rp.permission_id
        WHERE ur.user_id = g.user_id AND ur.organisation_id = g.organisation_id ORDER BY p.slug) AS permissions
FROM input i
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.token_organisation_id
LEFT JOIN clients k ON k.client_id = i.token_client_id AND k.organisation_id = i.token_organisation_id
LEFT JOIN organisations ko ON ko.id = k.organisation_id
LEFT JOIN grants g ON g.id = i.token_grant_id AND g.organisation_id = i.token_organisation_id
${grantHangsFrom}`

// In one order, so that statements that revoke the same tokens wait for one another instead of deadlocking.
const REVOKE = `
WITH input AS (
  SELECT DISTINCT ON (jti) * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], ${auditArrayParameters(4)})
  AS t(jti, organisation_id, expires_at, ${auditInput}) ORDER BY jti
), denied AS (
  INSERT INTO revoked_tokens (jti, organisation_id, expires_at) SELECT jti, organisation_id, expires_at FROM input
  ON CONFLICT (jti) DO NOTHING RETURNING jti
)
INSERT INTO audit_events (${auditColumns}) SELECT ${auditInput} FROM denied JOIN input USING (jti)`

interface Revocation {
  token: AccessTokenReference & { expiresAt: Date }
  event: SecurityEvent
}

interface InspectedRow extends GrantColumns, UserColumns {
  ord: number
  denied: boolean
  granted: boolean
  client_end: 'client_revoked' | 'organisation_closed' | null
  role_names: { slug: string; name: string }[]
  permissions: string[]
}

export function createAccessTokenRepository(pool: pg.Pool): AccessTokenRepository {
  const inspectRows = prepare<InspectedRow>(pool, 'inspect-access-token', INSPECT)
  const revokeRows = prepare(pool, 'revoke-access-token', REVOKE)

  const inspect = together(async (tokens: readonly AccessTokenReference[]) => {
    const rows = await inspectRows([
      column(tokens, ({ jti }) => jti),
      column(tokens, ({ clientId }) => clientId),
      column(tokens, ({ organisationId }) => organisationId),
      column(tokens, ({ grantId }) => grantId),
      column(tokens, ({ issuedAt }) => issuedAt),
    ])
    return inInputOrder(rows, tokens.length).map((row, index) => readState(row, tokens[index]?.grantId !== undefined))
  })

  const revoke = together(async (revocations: readonly Revocation[]) => {
    await revokeRows([
      column(revocations, ({ token }) => token.jti),
      column(revocations, ({ token }) => token.organisationId),
      column(revocations, ({ token }) => token.expiresAt),
      ...auditArrays(revocations.map(({ event }) => event)),
    ])
    return column(revocations, () => undefined)
  })

  return {
    inspect,
    revoke: (token, event) => revoke({ token, event }),
  }
}

function readState(row: InspectedRow, ofGrant: boolean): AccessTokenState {
  if (row.denied) return { state: 'ended', because: 'token_revoked' }
  if (!ofGrant) {
    return row.client_end
      ? { state: 'ended', because: row.client_end }
      : { state: 'active', subject: undefined, grantScopes: [], claims: null }
  }
  if (!row.granted) return { state: 'ended', because: 'unknown' }
  if (row.grant_end) return { state: 'ended', because: row.grant_end }
  const subject: SubjectDetails = {
    ...readSubject(row),
    user: readUser(row),
    roleNames: row.role_names,
    permissions: row.permissions,
  }
  return { state: 'active', subject, grantScopes: row.scopes, claims: row.claims }
}
