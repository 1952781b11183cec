import type pg from 'pg'
import type {
  AuthorizationCodeRepository,
  CodeRedemption,
  IssuedCode,
  RedeemedCode,
} from '../model/authorization-code.ts'
import { deviceCodeGrantType } from '../oauth/device.ts'
import {
  grantColumns,
  grantEnd,
  grantHangsFrom,
  readGrant,
  readSubject,
  subjectColumns,
  type GrantColumns,
  type JudgedGrantColumns,
  type SubjectColumns,
} from './liveness.ts'
import { column, inInputOrder, latest, prepare, together } from './statement.ts'

/*
 * A code's life:  issued ── redeem, all proofs right ──▶ consumed ── any redemption by its client ──▶ replayed
 *
 * Invariants
 * 1. `consumed_at` is set by one UPDATE that requires it to be null, so exactly one redemption is fresh.
 * 2. Rows are written in the order of their hash, so that two statements over the same codes cannot deadlock.
 * 3. A redemption that consumed nothing is judged by a statement of its own, begun when that one has ended: whoever lost
 *    a race sees what the winner has left.
 * 4. A redemption that fails writes nothing.
 */

const issued = `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::text[], $9::bool[], $10::timestamptz[], $11::bytea[], $12::text[], $13::text[], $14::text[],
    $15::timestamptz[], $16::jsonb[], $17::text[], $18::bytea[], $19::text[])
  WITH ORDINALITY AS t(grant_id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline,
    created_at, code_hash, redirect_uri, code_challenge, nonce, expires_at, claims, waiting, pushed, dpop_jkt, ord)
)`

// Written where nothing waited for it, and for whoever comes first where something did. A pushed request may wait in several
// browsers, or in none: it has one answer all the same.
const grantAndCode = (allowed: string) => `
new_grants AS (
  INSERT INTO grants (id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline, created_at,
    claims)
  SELECT grant_id, organisation_id, client_id, user_id, session_id, string_to_array(scopes, ' '), auth_time,
    string_to_array(amr, ' '), offline, created_at, claims FROM ${allowed}
), new_codes AS (
  INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce,
    expires_at, dpop_jkt)
  SELECT code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce, expires_at, dpop_jkt
  FROM ${allowed}
)`

const ISSUE = `${issued}, ${grantAndCode('input')}
SELECT i.ord::int FROM input i`

const ANSWER = `${issued}, answered AS (
  DELETE FROM authorization_requests r USING input i
  WHERE r.id = i.waiting AND r.organisation_id = i.organisation_id
  RETURNING r.id
), locked AS (
  SELECT p.reference_hash FROM input i
  JOIN pushed_authorization_requests p ON p.reference_hash = i.pushed AND p.organisation_id = i.organisation_id
    AND p.client_id = i.client_id
  ORDER BY p.reference_hash FOR UPDATE OF p
), ended AS (
  DELETE FROM pushed_authorization_requests p USING locked l WHERE p.reference_hash = l.reference_hash
  RETURNING p.reference_hash
), allowed AS (
  SELECT DISTINCT ON (coalesce(i.pushed::text, i.waiting, i.grant_id::text)) i.* FROM input i
  WHERE (i.waiting IS NULL OR EXISTS (SELECT FROM answered a WHERE a.id = i.waiting))
    AND (i.pushed IS NULL OR EXISTS (SELECT FROM ended e WHERE e.reference_hash = i.pushed))
  ORDER BY coalesce(i.pushed::text, i.waiting, i.grant_id::text), i.ord
), ${grantAndCode('allowed')}
SELECT ord::int FROM allowed`

// The codes that were presented by the client that they were issued to, with what each hangs from.
const presented = `
  FROM (
    SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bytea[],
      $8::timestamptz[], $9::uuid[], $11::text[], $12::text[])
    WITH ORDINALITY AS t(code_hash, client_id, organisation_id, redirect_uri, code_challenge, family_id, seed,
      family_expires_at, event_id, family_bound_to, dpop_jkt, ord)
    ORDER BY code_hash
  ) i
  JOIN authorization_codes l ON l.code_hash = i.code_hash AND l.client_id = i.client_id
    AND l.organisation_id = i.organisation_id
  JOIN grants g ON g.id = l.grant_id AND g.organisation_id = l.organisation_id
  ${grantHangsFrom}`

const verdict = `CASE
    WHEN l.consumed_at IS NOT NULL THEN 'replayed'
    WHEN l.expires_at <= $10::timestamptz THEN 'expired'
    WHEN i.redirect_uri IS DISTINCT FROM l.redirect_uri THEN 'redirect_uri'
    WHEN l.code_challenge IS NULL AND i.code_challenge IS NOT NULL THEN 'code_challenge_missing'
    WHEN l.code_challenge IS NOT NULL AND i.code_challenge IS NULL THEN 'code_verifier_missing'
    WHEN l.code_challenge <> i.code_challenge THEN 'code_verifier'
    WHEN l.dpop_jkt IS NOT NULL AND i.dpop_jkt IS DISTINCT FROM l.dpop_jkt THEN 'dpop_jkt'
    ELSE 'fresh'
  END`

const consumed = `
WITH consumed AS (
  UPDATE authorization_codes a SET consumed_at = $10::timestamptz
  FROM (
    SELECT i.ord::int, i.code_hash, i.client_id, i.family_id, i.seed, i.family_expires_at, i.event_id, i.family_bound_to, l.nonce,
      l.redirect_uri,
      ${grantColumns}, ${subjectColumns}
    ${presented}
    WHERE ${verdict} = 'fresh' AND (${grantEnd('$10')}) IS NULL
  ) w
  WHERE a.code_hash = w.code_hash AND a.organisation_id = w.organisation_id AND a.consumed_at IS NULL
  RETURNING w.*
), opened AS (
  INSERT INTO refresh_families (id, organisation_id, grant_id, client_id, seed, generation, rotated_at, expires_at,
    bound_to)
  SELECT family_id, organisation_id, grant_id, client_id, seed, 0, $10::timestamptz, family_expires_at,
    string_to_array(family_bound_to, ' ')
  FROM consumed WHERE family_id IS NOT NULL
)`

const answered = `
SELECT ord, nonce, grant_id, organisation_id, grant_client_id, user_id, session_id, scopes, claims, auth_time, amr, offline,
  grant_created_at, roles
FROM consumed`

const REDEEM = `${consumed} ${answered}`

const REDEEM_AUDITED = `${consumed}, audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT event_id, organisation_id, $10::timestamptz, 'oauth2.token_issued', 'auth', 'create', true, user_id, client_id,
    'grant', grant_id::text, jsonb_build_object('grant_type', CASE redirect_uri
      WHEN '' THEN '${deviceCodeGrantType}' ELSE 'authorization_code' END)
  FROM consumed WHERE event_id IS NOT NULL
) ${answered}`

const JUDGE = `
SELECT i.ord::int, ${verdict} AS verdict, ${grantEnd('$10')} AS grant_end, ${grantColumns}
${presented}`

interface RedeemedRow extends GrantColumns, SubjectColumns {
  ord: number
  nonce: string | null
}

interface JudgedRow extends JudgedGrantColumns {
  ord: number
  verdict:
    | 'replayed'
    | 'expired'
    | 'redirect_uri'
    | 'code_challenge_missing'
    | 'code_verifier_missing'
    | 'code_verifier'
    | 'dpop_jkt'
    | 'fresh'
}

export function createAuthorizationCodeRepository(pool: pg.Pool): AuthorizationCodeRepository {
  const issueRows = prepare<{ ord: number }>(pool, 'issue-code', ISSUE)
  const answerRows = prepare<{ ord: number }>(pool, 'answer-request', ANSWER)
  const redeemRows = prepare<RedeemedRow>(pool, 'redeem-code', REDEEM)
  const redeemAuditedRows = prepare<RedeemedRow>(pool, 'redeem-code-audited', REDEEM_AUDITED)
  const judgeRows = prepare<JudgedRow>(pool, 'judge-code', JUDGE)

  const issue = together(async (codes: readonly IssuedCode[]) => {
    const answers = codes.some(
      ({ authorizationRequestId, pushedReferenceHash }) => authorizationRequestId ?? pushedReferenceHash,
    )
    const send = answers ? answerRows : issueRows
    const rows = await send([
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
      column(codes, ({ grant }) => grant.claims && JSON.stringify(grant.claims)),
      column(codes, ({ authorizationRequestId }) => authorizationRequestId),
      column(codes, ({ pushedReferenceHash }) => pushedReferenceHash),
      column(codes, ({ dpopJkt }) => dpopJkt),
    ])
    return inInputOrder(rows, codes.length).map((row) => row !== undefined)
  })

  const redeemFresh = together(async (redemptions: readonly CodeRedemption[]) => {
    const send = redemptions.some(({ eventId }) => eventId !== undefined) ? redeemAuditedRows : redeemRows
    const rows = await send(parameters(redemptions))
    return inInputOrder(rows, redemptions.length).map(
      (row): RedeemedCode | undefined =>
        row && { outcome: 'fresh', grant: readGrant(row), subject: readSubject(row), nonce: row.nonce },
    )
  })

  const judge = together(async (redemptions: readonly CodeRedemption[]) => {
    const rows = await judgeRows(parameters(redemptions))
    return inInputOrder(rows, redemptions.length).map((row) =>
      row ? readVerdict(row) : { outcome: 'unknown' as const },
    )
  })

  return {
    issue,
    async redeem(redemption) {
      for (;;) {
        const redeemed = (await redeemFresh(redemption)) ?? (await judge(redemption))
        // What stood in the way a moment ago, a person who was blocked, say, does so no more.
        if (redeemed !== 'again') return redeemed
      }
    },
  }
}

function parameters(redemptions: readonly CodeRedemption[]): unknown[] {
  return [
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
    column(redemptions, ({ family }) => (family?.boundTo.length ? family.boundTo.join(' ') : undefined)),
    column(redemptions, ({ dpopJkt }) => dpopJkt),
  ]
}

function readVerdict(row: JudgedRow): RedeemedCode | 'again' {
  switch (row.verdict) {
    case 'expired':
      return { outcome: 'expired' }
    case 'redirect_uri':
    case 'code_challenge_missing':
    case 'code_verifier_missing':
    case 'code_verifier':
    case 'dpop_jkt':
      return { outcome: 'mismatch', of: row.verdict }
    case 'replayed':
      return { outcome: 'replayed', grant: readGrant(row) }
    case 'fresh':
      return row.grant_end ? { outcome: 'ended', because: row.grant_end } : 'again'
  }
}
