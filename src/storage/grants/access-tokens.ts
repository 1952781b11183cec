import type pg from 'pg'
import { clientIsEnabled, grantInactiveReason, organisationIsActive } from '../active-conditions.ts'
import type {
  AccessTokenReference,
  AccessTokenRepository,
  InspectedToken,
  ActiveToken,
} from '../../model/grants/access-token.ts'
import type { RequestedClaims, SubjectDetails } from '../../model/grants/grant.ts'
import type { AccessRead } from '../../model/permissions/organisation-access.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import {
  auditEventArrayParameters,
  auditEventArrays,
  auditEventColumns,
  auditEventInputColumns,
} from '../audit/audit-event-row.ts'
import { grantStatusJoins } from './grant-status.ts'
import { accessColumns, grantReads, readAccess, type AccessColumns } from '../permissions/organisation-access.ts'
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

const inspectGrantToken = (columns: string, more: { columns: string; names: string } = { columns: '', names: '' }) => `
SELECT i.ord::int, ${columns}
FROM unnest($1::text[], $2::uuid[], $3::uuid[]${more.columns}) WITH ORDINALITY AS i(jti, organisation_id, grant_id${more.names}, ord)
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.organisation_id
JOIN grants g ON g.id = i.grant_id AND g.organisation_id = i.organisation_id
${grantStatusJoins}
WHERE d.jti IS NULL AND (${grantInactiveReason('$4')}) IS NULL`

const INSPECT_USER_TOKEN = inspectGrantToken('g.user_id, u.email')

const INSPECT_FOR_USERINFO = inspectGrantToken(
  `${userColumns}, g.claims, g.organisation_id, o.slug AS organisation_slug, o.name AS organisation_name,
  ${accessColumns({ user: 'g.user_id', organisation: 'g.organisation_id', now: '$4', ...grantReads('userinfo') })}`,
  { columns: ', $5::text[]', names: ', access_reads' },
)

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

interface UserinfoRow extends UserColumns, AccessColumns {
  ord: number
  claims: RequestedClaims | null
  organisation_id: string
  organisation_slug: string
  organisation_name: string
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

  const createUserTokenInspector = <Token extends UserToken, Row extends { ord: number }, Subject>(
    query: (tokens: readonly Token[]) => Promise<Row[]>,
    readSubject: (row: Row) => Subject,
  ) =>
    batched(async (tokens: readonly Token[]): Promise<(ActiveToken<Subject> | undefined)[]> => {
      const rows = await query(tokens)
      return reorderByInput(rows, tokens.length).map((row) => row && { subject: readSubject(row) })
    })
  const inspectUserToken = createUserTokenInspector(
    (tokens: readonly UserToken[]) => queryUserTokens(toTokenParameters(tokens)),
    (row) => ({ userId: row.user_id, email: row.email }),
  )
  const inspectForUserinfo = createUserTokenInspector(
    (tokens: readonly (UserToken & { accessReads: readonly AccessRead[] })[]) =>
      queryUserinfo([...toTokenParameters(tokens), toColumn(tokens, ({ accessReads }) => accessReads.join(' '))]),
    readSubjectDetails,
  )

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

function toTokenParameters(tokens: readonly UserToken[]): unknown[] {
  return [
    toColumn(tokens, ({ jti }) => jti),
    toColumn(tokens, ({ organisationId }) => organisationId),
    toColumn(tokens, ({ grantId }) => grantId),
    maxNow(tokens),
  ]
}

function isUserToken<Token extends InspectedToken>(token: Token): token is Token & { grantId: string } {
  return token.grantId !== undefined
}

function readSubjectDetails(row: UserinfoRow): SubjectDetails {
  const user = readUser(row)
  return {
    user,
    organisation: { id: row.organisation_id, slug: row.organisation_slug, name: row.organisation_name },
    claims: row.claims,
    ...readAccess(row),
  }
}
