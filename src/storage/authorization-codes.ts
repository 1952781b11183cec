import type pg from 'pg'
import type {
  AuthorizationCodeRepository,
  CodeRedemption,
  IssuedCode,
  RedeemedCode,
} from '../model/authorization-code.ts'
import { grantColumns, grantEnd, grantHangsFrom, readGrant, readSubject, type GrantColumns } from './liveness.ts'
import { column, inInputOrder, latest, prepare, together } from './statement.ts'

/*
 * A code's life:  issued ── redeem, all proofs right ──▶ consumed ── any redemption by its client ──▶ replayed
 *
 * Invariants
 * 1. `consumed_at` is set by one UPDATE that requires it to be null, so exactly one redemption is fresh.
 * 2. Rows are locked in the order of their hash before anything is judged: a redemption that lost a race judges the row
 *    as the winner left it, and two statements over the same codes cannot deadlock.
 * 3. A redemption that fails for any other reason writes nothing.
 */

const ISSUE = `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::text[], $9::bool[], $10::timestamptz[], $11::bytea[], $12::text[], $13::text[], $14::text[],
    $15::timestamptz[], $16::text[], $17::jsonb[])
  WITH ORDINALITY AS t(grant_id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline,
    created_at, code_hash, redirect_uri, code_challenge, nonce, expires_at, waiting, claims, ord)
), answered AS (
  DELETE FROM authorization_requests r USING input i
  WHERE r.id = i.waiting AND r.organisation_id = i.organisation_id
  RETURNING r.id
), allowed AS (
  SELECT DISTINCT ON (coalesce(i.waiting, i.grant_id::text)) i.* FROM input i
  WHERE i.waiting IS NULL OR EXISTS (SELECT FROM answered a WHERE a.id = i.waiting)
  ORDER BY coalesce(i.waiting, i.grant_id::text), i.ord
), new_grants AS (
  INSERT INTO grants (id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline, created_at,
    claims)
  SELECT grant_id, organisation_id, client_id, user_id, session_id, string_to_array(scopes, ' '), auth_time,
    string_to_array(amr, ' '), offline, created_at, claims FROM allowed
), new_codes AS (
  INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce,
    expires_at)
  SELECT code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce, expires_at FROM allowed
)
SELECT i.ord::int, a.ord IS NOT NULL AS issued FROM input i LEFT JOIN allowed a USING (ord)`

const REDEEM = `
WITH input AS (
  SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bytea[],
    $8::timestamptz[], $9::uuid[])
  WITH ORDINALITY AS t(code_hash, client_id, organisation_id, redirect_uri, code_challenge, family_id, seed,
    family_expires_at, event_id, ord)
), locked AS MATERIALIZED (
  SELECT * FROM authorization_codes WHERE code_hash IN (SELECT code_hash FROM input) ORDER BY code_hash FOR UPDATE
), judged AS MATERIALIZED (
  SELECT i.ord, i.code_hash, l.nonce, o.audit_tokens, ${grantEnd} AS grant_end, ${grantColumns},
    CASE
      WHEN l.code_hash IS NULL THEN 'unknown'
      WHEN l.consumed_at IS NOT NULL THEN 'replayed'
      WHEN l.expires_at <= $10::timestamptz THEN 'expired'
      WHEN i.redirect_uri IS DISTINCT FROM l.redirect_uri THEN 'redirect_uri'
      WHEN l.code_challenge IS NULL AND i.code_challenge IS NOT NULL THEN 'code_challenge_missing'
      WHEN l.code_challenge IS NOT NULL AND i.code_challenge IS NULL THEN 'code_verifier_missing'
      WHEN l.code_challenge <> i.code_challenge THEN 'code_verifier'
      WHEN g.id IS NULL THEN 'unknown'
      ELSE 'fresh'
    END AS verdict
  FROM input i
  LEFT JOIN locked l ON l.code_hash = i.code_hash AND l.client_id = i.client_id AND l.organisation_id = i.organisation_id
  LEFT JOIN grants g ON g.id = l.grant_id AND g.organisation_id = l.organisation_id
  ${grantHangsFrom}
), winner AS (
  SELECT DISTINCT ON (code_hash) * FROM judged WHERE verdict = 'fresh' AND grant_end IS NULL ORDER BY code_hash, ord
), consumed AS (
  UPDATE authorization_codes a SET consumed_at = $10::timestamptz FROM winner w
  WHERE a.code_hash = w.code_hash AND a.organisation_id = w.organisation_id AND a.consumed_at IS NULL
  RETURNING w.ord
), opened AS (
  INSERT INTO refresh_families (id, organisation_id, grant_id, client_id, seed, generation, rotated_at, expires_at)
  SELECT i.family_id, w.organisation_id, w.grant_id, i.client_id, i.seed, 0, $10::timestamptz, i.family_expires_at
  FROM consumed JOIN winner w USING (ord) JOIN input i USING (ord) WHERE i.family_id IS NOT NULL
), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT i.event_id, w.organisation_id, $10::timestamptz, 'oauth2.token_issued', 'auth', 'create', true, w.user_id,
    i.client_id, 'grant', w.grant_id::text, '{"grant_type":"authorization_code"}'
  FROM consumed JOIN winner w USING (ord) JOIN input i USING (ord) WHERE w.audit_tokens
)
SELECT j.*, j.ord::int AS ord, u.ord IS NOT NULL AS consumed FROM judged j LEFT JOIN consumed u USING (ord)`

interface RedeemedRow extends GrantColumns {
  ord: number
  nonce: string | null
  consumed: boolean
  verdict:
    | 'unknown'
    | 'replayed'
    | 'expired'
    | 'redirect_uri'
    | 'code_challenge_missing'
    | 'code_verifier_missing'
    | 'code_verifier'
    | 'fresh'
}

export function createAuthorizationCodeRepository(pool: pg.Pool): AuthorizationCodeRepository {
  const issueRows = prepare<{ ord: number; issued: boolean }>(pool, 'issue-code', ISSUE)
  const redeemRows = prepare<RedeemedRow>(pool, 'redeem-code', REDEEM)

  const issue = together(async (codes: readonly IssuedCode[]) => {
    const rows = await issueRows([
      column(codes, ({ grant }) => grant.id),
      column(codes, ({ grant }) => grant.organisationId),
      column(codes, ({ grant }) => grant.clientId),
      column(codes, ({ grant }) => grant.userId),
      column(codes, ({ grant }) => grant.sessionId),
      column(codes, ({ grant }) => grant.scopes.join(' ')),
      column(codes, ({ grant }) => grant.authTime),
      column(codes, ({ grant }) => grant.amr.join(' ')),
      column(codes, ({ grant }) => grant.offline),
      column(codes, ({ grant }) => grant.createdAt),
      column(codes, ({ codeHash }) => codeHash),
      column(codes, ({ redirectUri }) => redirectUri),
      column(codes, ({ codeChallenge }) => codeChallenge),
      column(codes, ({ nonce }) => nonce),
      column(codes, ({ expiresAt }) => expiresAt),
      column(codes, ({ authorizationRequestId }) => authorizationRequestId),
      column(codes, ({ grant }) => grant.claims && JSON.stringify(grant.claims)),
    ])
    return inInputOrder(rows, codes.length).map(({ issued }) => issued)
  })

  const redeem = together(async (redemptions: readonly CodeRedemption[]) => {
    const rows = await redeemRows([
      column(redemptions, ({ codeHash }) => codeHash),
      column(redemptions, ({ clientId }) => clientId),
      column(redemptions, ({ organisationId }) => organisationId),
      column(redemptions, ({ redirectUri }) => redirectUri),
      column(redemptions, ({ codeChallenge }) => codeChallenge),
      column(redemptions, ({ family }) => family?.id),
      column(redemptions, ({ family }) => family?.seed),
      column(redemptions, ({ family }) => family?.expiresAt),
      column(redemptions, ({ eventId }) => eventId),
      latest(redemptions),
    ])
    return inInputOrder(rows, redemptions.length).map(readRedemption)
  })

  return { issue, redeem }
}

function readRedemption(row: RedeemedRow): RedeemedCode {
  switch (row.verdict) {
    case 'unknown':
    case 'expired':
      return { outcome: row.verdict }
    case 'redirect_uri':
    case 'code_challenge_missing':
    case 'code_verifier_missing':
    case 'code_verifier':
      return { outcome: 'mismatch', of: row.verdict }
    case 'replayed':
      return { outcome: 'replayed', grant: readGrant(row) }
    case 'fresh':
      if (row.grant_end) return { outcome: 'ended', because: row.grant_end }
      // Right in everything and yet not consumed: the same code stood twice in one statement.
      if (!row.consumed) return { outcome: 'replayed', grant: readGrant(row) }
      return { outcome: 'fresh', grant: readGrant(row), subject: readSubject(row), nonce: row.nonce }
  }
}
