import type pg from 'pg'
import type { AccessTokenReference, AccessTokenRepository, InspectedToken, Working } from '../model/access-token.ts'
import type { RequestedClaims, SubjectDetails } from '../model/grant.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { auditArrayParameters, auditArrays, auditColumns, auditInput } from './audit.ts'
import { grantEnd, grantHangsFrom } from './liveness.ts'
import { column, inInputOrder, latest, prepare, together } from './statement.ts'
import { readUser, userColumns, type UserColumns } from './user-columns.ts'

// A machine's token hangs from its client alone. It says only to the second when it was issued: in doubt it is from after
// its client came back. That the client is not deleted is asked in a way that no index offers itself for.
const INSPECT_MACHINE = `
SELECT i.ord::int
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[])
  WITH ORDINALITY AS i(jti, organisation_id, client_id, issued_at, ord)
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.organisation_id
JOIN clients c ON c.client_id = i.client_id AND c.organisation_id IS NOT DISTINCT FROM i.organisation_id
JOIN organisations o ON o.id = c.organisation_id
WHERE d.jti IS NULL AND num_nonnulls(c.deleted_at) = 0 AND c.is_active
  AND coalesce(c.expires_at > $5::timestamptz, true)
  AND coalesce(date_trunc('second', c.revoked_at) <= i.issued_at, true) AND o.status IN ('trial', 'active')`

const inspectOfGrant = (columns: string) => `
SELECT i.ord::int, ${columns}
FROM unnest($1::text[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS i(jti, organisation_id, grant_id, ord)
LEFT JOIN revoked_tokens d ON d.jti = i.jti AND d.organisation_id = i.organisation_id
JOIN grants g ON g.id = i.grant_id AND g.organisation_id = i.organisation_id
${grantHangsFrom}
WHERE d.jti IS NULL AND (${grantEnd('$4')}) IS NULL`

const INSPECT_PERSON = inspectOfGrant('g.user_id, u.email')

const INSPECT_FOR_USERINFO = inspectOfGrant(`
  ${userColumns}, g.claims, o.slug AS organisation_slug, o.name AS organisation_name,
  CASE WHEN c.is_first_party THEN (
    SELECT json_agg(json_build_object('slug', r.slug, 'name', r.name, 'permissions', ARRAY(
        SELECT p.slug FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = r.id
      )) ORDER BY r.slug)
    FROM user_roles ur JOIN roles r ON r.id = ur.role_id
    WHERE ur.user_id = g.user_id AND ur.organisation_id = g.organisation_id
  ) END AS roles`)

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

interface PersonRow {
  ord: number
  user_id: string
  email: string
}

interface UserinfoRow extends UserColumns {
  ord: number
  claims: RequestedClaims | null
  organisation_slug: string
  organisation_name: string
  roles: SubjectDetails['roles'] | null
}

/** A token of a person: one that names a grant. */
type PersonsToken = InspectedToken & { grantId: string }

export function createAccessTokenRepository(pool: pg.Pool): AccessTokenRepository {
  const machineRows = prepare<{ ord: number }>(pool, 'inspect-machine-token', INSPECT_MACHINE)
  const personRows = prepare<PersonRow>(pool, 'inspect-access-token', INSPECT_PERSON)
  const userinfoRows = prepare<UserinfoRow>(pool, 'inspect-for-userinfo', INSPECT_FOR_USERINFO)
  const revokeRows = prepare(pool, 'revoke-access-token', REVOKE)

  const inspectMachine = together(async (tokens: readonly InspectedToken[]) => {
    const rows = await machineRows([
      column(tokens, ({ jti }) => jti),
      column(tokens, ({ organisationId }) => organisationId),
      column(tokens, ({ clientId }) => clientId),
      column(tokens, ({ issuedAt }) => issuedAt),
      latest(tokens),
    ])
    return inInputOrder(rows, tokens.length).map((row) => row && { person: undefined })
  })

  const inspectPersons = <Row extends { ord: number }, Person>(
    send: (values: readonly unknown[]) => Promise<Row[]>,
    read: (row: Row) => Person,
  ) =>
    together(async (tokens: readonly PersonsToken[]): Promise<(Working<Person> | undefined)[]> => {
      const rows = await send([
        column(tokens, ({ jti }) => jti),
        column(tokens, ({ organisationId }) => organisationId),
        column(tokens, ({ grantId }) => grantId),
        latest(tokens),
      ])
      return inInputOrder(rows, tokens.length).map((row) => row && { person: read(row) })
    })
  const inspectPerson = inspectPersons(personRows, (row) => ({ userId: row.user_id, email: row.email }))
  const inspectForUserinfo = inspectPersons(userinfoRows, readDetails)

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
    inspect: (token) => (isPersons(token) ? inspectPerson(token) : inspectMachine(token)),
    inspectForUserinfo: (token) => (isPersons(token) ? inspectForUserinfo(token) : inspectMachine(token)),
    revoke: (token, event) => revoke({ token, event }),
  }
}

function isPersons(token: InspectedToken): token is PersonsToken {
  return token.grantId !== undefined
}

function readDetails(row: UserinfoRow): SubjectDetails {
  const user = readUser(row)
  return {
    user,
    organisation: { id: user.organisationId, slug: row.organisation_slug, name: row.organisation_name },
    claims: row.claims,
    roles: row.roles ?? [],
  }
}
