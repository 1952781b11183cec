import type pg from 'pg'
import { clientIsEnabled, grantInactiveReason, organisationIsActive } from '../active-conditions.ts'
import type {
  AccessTokenReference,
  AccessTokenRepository,
  InspectedToken,
  ActiveToken,
} from '../../model/grants/access-token.ts'
import type { RequestedClaims, SubjectDetails } from '../../model/grants/grant.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import {
  auditEventArrayParameters,
  auditEventArrays,
  auditEventColumns,
  auditEventInputColumns,
} from '../audit/audit-event-row.ts'
import { grantStatusJoins } from './grant-status.ts'
import { heldRoleIds } from '../permissions/held-roles.ts'
import { toColumn, reorderByInput, maxNow, prepare, batched } from '../db/batched-statement.ts'
import { readUser, userColumns, type UserColumns } from '../users/user-row.ts'

// A token of client_credentials belongs to its client alone. Its `iat` is in seconds: in the second of a revocation it counts
// as issued after it.
const INSPECT_CLIENT_TOKEN = `
SELECT i.ord::int
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[])
  WITH ORDINALITY AS i(jti, organisation_id, client_id, issued_at, ord)
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.organisation_id
JOIN clients c ON c.client_id = i.client_id AND c.organisation_id IS NOT DISTINCT FROM i.organisation_id
JOIN organisations o ON o.id = c.organisation_id
WHERE d.jti IS NULL AND ${clientIsEnabled('c', '$5')}
  AND coalesce(date_trunc('second', c.revoked_at) <= i.issued_at, true) AND ${organisationIsActive('o')}
  AND coalesce(date_trunc('second', o.access_ended_at) <= i.issued_at, true)`

const inspectGrantToken = (columns: string) => `
SELECT i.ord::int, ${columns}
FROM unnest($1::text[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS i(jti, organisation_id, grant_id, ord)
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.organisation_id
JOIN grants g ON g.id = i.grant_id AND g.organisation_id = i.organisation_id
${grantStatusJoins}
WHERE d.jti IS NULL AND (${grantInactiveReason('$4')}) IS NULL`

const INSPECT_USER_TOKEN = inspectGrantToken('g.user_id, u.email')

const INSPECT_FOR_USERINFO = inspectGrantToken(`
  ${userColumns}, g.claims, g.organisation_id, o.slug AS organisation_slug, o.name AS organisation_name,
  CASE WHEN c.is_first_party THEN (
    SELECT json_agg(json_build_object('slug', r.slug, 'name', r.name, 'permissions', ARRAY(
        SELECT p.slug FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = r.id
      )) ORDER BY r.slug COLLATE "C")
    FROM (SELECT DISTINCT role_id FROM (${heldRoleIds('g.user_id', 'g.organisation_id', '$4')}) a) h JOIN roles r ON r.id = h.role_id
  ) END AS roles`)

// In one order, so that statements that revoke the same tokens wait for each other instead of deadlocking.
const REVOKE = `
WITH input AS (
  SELECT DISTINCT ON (jti) * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], ${auditEventArrayParameters(4)})
  AS t(jti, organisation_id, expires_at, ${auditEventInputColumns}) ORDER BY jti
), newly_revoked AS (
  INSERT INTO revoked_tokens (jti, organisation_id, expires_at) SELECT jti, organisation_id, expires_at FROM input
  ON CONFLICT (jti) DO NOTHING RETURNING jti
)
INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventInputColumns} FROM newly_revoked JOIN input USING (jti)`

interface Revocation {
  token: AccessTokenReference & { expiresAt: Date }
  event: AuditEvent
}

interface UserTokenRow {
  ord: number
  user_id: string
  email: string
}

interface UserinfoRow extends UserColumns {
  ord: number
  claims: RequestedClaims | null
  organisation_id: string
  organisation_slug: string
  organisation_name: string
  roles: SubjectDetails['roles'] | null
}

/** A token with a grant, and so with a user. */
type UserToken = InspectedToken & { grantId: string }

export function createAccessTokenRepository(pool: pg.Pool): AccessTokenRepository {
  const queryClientTokens = prepare<{ ord: number }>(pool, 'inspect-client-token', INSPECT_CLIENT_TOKEN)
  const queryUserTokens = prepare<UserTokenRow>(pool, 'inspect-access-token', INSPECT_USER_TOKEN)
  const queryUserinfo = prepare<UserinfoRow>(pool, 'inspect-for-userinfo', INSPECT_FOR_USERINFO)
  const queryRevoke = prepare(pool, 'revoke-access-token', REVOKE)

  const inspectClientToken = batched(async (tokens: readonly InspectedToken[]) => {
    const rows = await queryClientTokens([
      toColumn(tokens, ({ jti }) => jti),
      toColumn(tokens, ({ organisationId }) => organisationId),
      toColumn(tokens, ({ clientId }) => clientId),
      toColumn(tokens, ({ issuedAt }) => issuedAt),
      maxNow(tokens),
    ])
    return reorderByInput(rows, tokens.length).map((row) => row && { subject: undefined })
  })

  const createUserTokenInspector = <Row extends { ord: number }, Subject>(
    query: (values: readonly unknown[]) => Promise<Row[]>,
    readSubject: (row: Row) => Subject,
  ) =>
    batched(async (tokens: readonly UserToken[]): Promise<(ActiveToken<Subject> | undefined)[]> => {
      const rows = await query([
        toColumn(tokens, ({ jti }) => jti),
        toColumn(tokens, ({ organisationId }) => organisationId),
        toColumn(tokens, ({ grantId }) => grantId),
        maxNow(tokens),
      ])
      return reorderByInput(rows, tokens.length).map((row) => row && { subject: readSubject(row) })
    })
  const inspectUserToken = createUserTokenInspector(queryUserTokens, (row) => ({
    userId: row.user_id,
    email: row.email,
  }))
  const inspectForUserinfo = createUserTokenInspector(queryUserinfo, readSubjectDetails)

  const revoke = batched(async (revocations: readonly Revocation[]) => {
    await queryRevoke([
      toColumn(revocations, ({ token }) => token.jti),
      toColumn(revocations, ({ token }) => token.organisationId),
      toColumn(revocations, ({ token }) => token.expiresAt),
      ...auditEventArrays(revocations.map(({ event }) => event)),
    ])
    return toColumn(revocations, () => undefined)
  })

  return {
    inspect: (token) => (isUserToken(token) ? inspectUserToken(token) : inspectClientToken(token)),
    inspectForUserinfo: (token) => (isUserToken(token) ? inspectForUserinfo(token) : inspectClientToken(token)),
    revoke: (token, event) => revoke({ token, event }),
  }
}

function isUserToken(token: InspectedToken): token is UserToken {
  return token.grantId !== undefined
}

function readSubjectDetails(row: UserinfoRow): SubjectDetails {
  const user = readUser(row)
  return {
    user,
    organisation: { id: row.organisation_id, slug: row.organisation_slug, name: row.organisation_name },
    claims: row.claims,
    roles: row.roles ?? [],
  }
}
