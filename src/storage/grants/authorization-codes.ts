import type pg from 'pg'
import { auditEventTypeColumns } from '../audit/audit-event-row.ts'
import { grantInactiveReason } from '../active-conditions.ts'
import type {
  AuthorizationCodeRepository,
  CodeRedemption,
  NewAuthorizationCode,
  CodeRedemptionResult,
} from '../../model/grants/authorization-code.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import {
  grantColumns,
  grantStatusJoins,
  readGrant,
  readSubject,
  subjectColumns,
  type GrantColumns,
  type GrantStatusColumns,
  type SubjectColumns,
} from './grant-status.ts'
import { toColumn, reorderByInput, maxNow, prepare, batched } from '../db/batched-statement.ts'

/*
 * A code's life:  issued ── redeem, all proofs right ──▶ consumed ── any redemption by its client ──▶ replayed
 *
 * Invariants
 * 1. `consumed_at` is set by one UPDATE that requires it to be null, so exactly one redemption is fresh.
 * 2. Rows are written in the order of their hash, so that two statements over the same codes cannot deadlock.
 * 3. A redemption that consumed nothing is explained by a second statement, which begins after the first: the loser of a
 *    race sees what the winner has written.
 * 4. A redemption that fails writes nothing.
 */

const INPUT_CTE = `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::text[], $9::bool[], $10::timestamptz[], $11::bytea[], $12::text[], $13::text[], $14::text[],
    $15::timestamptz[], $16::jsonb[], $17::text[], $18::bytea[], $19::text[],
    $20::text[], $21::text[])
  WITH ORDINALITY AS t(grant_id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline,
    created_at, code_hash, redirect_uri, code_challenge, nonce, expires_at, claims, pending_request_id, pushed_reference_hash, dpop_jkt, acr, resources, ord)
)`

// Written if there is no pending or pushed request, and otherwise for the first response to it. A pushed request may be open
// in several browsers and still has one response.
const insertGrantAndCode = (source: string) => `
new_grants AS (
  INSERT INTO grants (id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, acr, offline, created_at,
    claims, resources)
  SELECT grant_id, organisation_id, client_id, user_id, session_id, string_to_array(scopes, ' '), auth_time,
    string_to_array(amr, ' '), acr, offline, created_at, claims, string_to_array(resources, ' ') FROM ${source}
), new_codes AS (
  INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce,
    expires_at, dpop_jkt)
  SELECT code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge, nonce, expires_at, dpop_jkt
  FROM ${source}
)`

const ISSUE = `${INPUT_CTE}, ${insertGrantAndCode('input')}
SELECT i.ord::int FROM input i`

const ISSUE_FOR_REQUEST = `${INPUT_CTE}, deleted_request AS (
  DELETE FROM pending_authorization_requests r USING input i
  WHERE r.id = i.pending_request_id AND r.organisation_id = i.organisation_id
  RETURNING r.id
), locked AS (
  SELECT p.reference_hash FROM input i
  JOIN pushed_authorization_requests p ON p.reference_hash = i.pushed_reference_hash AND p.organisation_id = i.organisation_id
    AND p.client_id = i.client_id
  ORDER BY p.reference_hash FOR UPDATE OF p
), deleted_pushed_request AS (
  DELETE FROM pushed_authorization_requests p USING locked l WHERE p.reference_hash = l.reference_hash
  RETURNING p.reference_hash
), issuable AS (
  SELECT DISTINCT ON (coalesce(i.pushed_reference_hash::text, i.pending_request_id, i.grant_id::text)) i.* FROM input i
  WHERE (i.pending_request_id IS NULL OR EXISTS (SELECT FROM deleted_request d WHERE d.id = i.pending_request_id))
    AND (i.pushed_reference_hash IS NULL OR EXISTS (SELECT FROM deleted_pushed_request d WHERE d.reference_hash = i.pushed_reference_hash))
  ORDER BY coalesce(i.pushed_reference_hash::text, i.pending_request_id, i.grant_id::text), i.ord
), ${insertGrantAndCode('issuable')}
SELECT ord::int FROM issuable`

// The codes that their own client presented, with their grants and what these depend on.
const PRESENTED_CODES = `
  FROM (
    SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bytea[],
      $8::timestamptz[], $9::uuid[], $11::text[], $12::text[], $13::text[], $14::text[])
    WITH ORDINALITY AS t(code_hash, client_id, organisation_id, redirect_uri, code_challenge, family_id, seed,
      family_expires_at, event_id, family_sender_constraints, dpop_jkt, access_reads, resources, ord)
    ORDER BY code_hash
  ) i
  JOIN authorization_codes code ON code.code_hash = i.code_hash AND code.client_id = i.client_id
    AND code.organisation_id = i.organisation_id
  JOIN grants g ON g.id = code.grant_id AND g.organisation_id = code.organisation_id
  ${grantStatusJoins}`

const CODE_STATE = `CASE
    WHEN code.consumed_at IS NOT NULL THEN 'replayed'
    WHEN code.expires_at <= $10::timestamptz THEN 'expired'
    WHEN i.redirect_uri IS DISTINCT FROM code.redirect_uri THEN 'redirect_uri'
    WHEN code.code_challenge IS NULL AND i.code_challenge IS NOT NULL THEN 'code_challenge_missing'
    WHEN code.code_challenge IS NOT NULL AND i.code_challenge IS NULL THEN 'code_verifier_missing'
    WHEN code.code_challenge <> i.code_challenge THEN 'code_verifier'
    WHEN code.dpop_jkt IS NOT NULL AND i.dpop_jkt IS DISTINCT FROM code.dpop_jkt THEN 'dpop_jkt'
    WHEN NOT string_to_array(i.resources, ' ') <@ coalesce(g.resources, '{}') THEN 'resource'
    ELSE 'fresh'
  END`

const CONSUMED_CTE = `
WITH consumed AS (
  UPDATE authorization_codes a SET consumed_at = $10::timestamptz
  FROM (
    SELECT i.ord::int, i.code_hash, i.client_id, i.family_id, i.seed, i.family_expires_at, i.event_id, i.family_sender_constraints, code.nonce,
      code.redirect_uri,
      ${grantColumns}, ${subjectColumns('$10')}
    ${PRESENTED_CODES}
    WHERE ${CODE_STATE} = 'fresh' AND (${grantInactiveReason('$10')}) IS NULL
  ) w
  WHERE a.code_hash = w.code_hash AND a.organisation_id = w.organisation_id AND a.consumed_at IS NULL
  RETURNING w.*
), new_families AS (
  INSERT INTO refresh_token_families (id, organisation_id, grant_id, client_id, seed, generation, rotated_at, expires_at,
    sender_constraints)
  SELECT family_id, organisation_id, grant_id, client_id, seed, 0, $10::timestamptz, family_expires_at,
    string_to_array(family_sender_constraints, ' ')
  FROM consumed WHERE family_id IS NOT NULL
)`

const SELECT_CONSUMED = `
SELECT ord, nonce, grant_id, organisation_id, grant_client_id, user_id, session_id, scopes, claims, resources, auth_time, amr, acr, offline,
  grant_created_at, roles, groups, attributes
FROM consumed`

const REDEEM = `${CONSUMED_CTE} ${SELECT_CONSUMED}`

const REDEEM_AUDITED = `${CONSUMED_CTE}, audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT event_id, organisation_id, $10::timestamptz, ${auditEventTypeColumns('oauth2.token_issued')}, user_id, client_id,
    'grant', grant_id::text, jsonb_build_object('grant_type', CASE
      WHEN redirect_uri IS NULL THEN '${deviceCodeGrantType}' ELSE 'authorization_code' END)
  FROM consumed WHERE event_id IS NOT NULL
) ${SELECT_CONSUMED}`

const EXPLAIN_FAILURE = `
SELECT i.ord::int, ${CODE_STATE} AS code_state, ${grantInactiveReason('$10')} AS grant_inactive_reason, ${grantColumns}
${PRESENTED_CODES}`

interface RedeemedRow extends GrantColumns, SubjectColumns {
  ord: number
  nonce: string | null
}

interface FailedRedemptionRow extends GrantStatusColumns {
  ord: number
  code_state:
    | 'replayed'
    | 'expired'
    | 'redirect_uri'
    | 'code_challenge_missing'
    | 'code_verifier_missing'
    | 'code_verifier'
    | 'dpop_jkt'
    | 'resource'
    | 'fresh'
}

export function createAuthorizationCodeRepository(pool: pg.Pool): AuthorizationCodeRepository {
  const queryIssue = prepare<{ ord: number }>(pool, 'issue-code', ISSUE)
  const queryIssueForRequest = prepare<{ ord: number }>(pool, 'issue-code-for-request', ISSUE_FOR_REQUEST)
  const queryRedeem = prepare<RedeemedRow>(pool, 'redeem-code', REDEEM)
  const queryRedeemAudited = prepare<RedeemedRow>(pool, 'redeem-code-audited', REDEEM_AUDITED)
  const queryFailure = prepare<FailedRedemptionRow>(pool, 'explain-code-failure', EXPLAIN_FAILURE)

  const issue = batched(async (codes: readonly NewAuthorizationCode[]) => {
    const completesRequest = codes.some(
      ({ pendingRequestId, pushedReferenceHash }) => pendingRequestId ?? pushedReferenceHash,
    )
    const query = completesRequest ? queryIssueForRequest : queryIssue
    const rows = await query([
      toColumn(codes, ({ grant }) => grant.id),
      toColumn(codes, ({ grant }) => grant.organisationId),
      toColumn(codes, ({ grant }) => grant.clientId),
      toColumn(codes, ({ grant }) => grant.userId),
      toColumn(codes, ({ grant }) => grant.sessionId),
      toColumn(codes, ({ grant }) => grant.scopes.join(' ')),
      toColumn(codes, ({ grant }) => grant.authTime),
      toColumn(codes, ({ grant }) => grant.amr.join(' ')),
      toColumn(codes, ({ grant }) => grant.offline),
      toColumn(codes, ({ grant }) => grant.createdAt),
      toColumn(codes, ({ codeHash }) => codeHash),
      toColumn(codes, ({ redirectUri }) => redirectUri),
      toColumn(codes, ({ codeChallenge }) => codeChallenge),
      toColumn(codes, ({ nonce }) => nonce),
      toColumn(codes, ({ expiresAt }) => expiresAt),
      toColumn(codes, ({ grant }) => grant.claims && JSON.stringify(grant.claims)),
      toColumn(codes, ({ pendingRequestId }) => pendingRequestId),
      toColumn(codes, ({ pushedReferenceHash }) => pushedReferenceHash),
      toColumn(codes, ({ dpopJkt }) => dpopJkt),
      toColumn(codes, ({ grant }) => grant.acr),
      toColumn(codes, ({ grant }) => grant.resources?.join(' ')),
    ])
    return reorderByInput(rows, codes.length).map((row) => row !== undefined)
  })

  const consume = batched(async (redemptions: readonly CodeRedemption[]) => {
    const query = redemptions.some(({ eventId }) => eventId !== undefined) ? queryRedeemAudited : queryRedeem
    const rows = await query(toParameters(redemptions))
    return reorderByInput(rows, redemptions.length).map(
      (row): CodeRedemptionResult | undefined =>
        row && { outcome: 'fresh', grant: readGrant(row), subject: readSubject(row), nonce: row.nonce },
    )
  })

  const explainFailure = batched(async (redemptions: readonly CodeRedemption[]) => {
    const rows = await queryFailure(toParameters(redemptions))
    return reorderByInput(rows, redemptions.length).map((row) =>
      row ? readFailure(row) : { outcome: 'unknown' as const },
    )
  })

  return {
    issue,
    async redeem(redemption) {
      for (;;) {
        const result = (await consume(redemption)) ?? (await explainFailure(redemption))
        // The reason of a moment ago is gone, for example a user who is not blocked any more.
        if (result !== 'retry') return result
      }
    },
  }
}

function toParameters(redemptions: readonly CodeRedemption[]): unknown[] {
  return [
    toColumn(redemptions, ({ codeHash }) => codeHash),
    toColumn(redemptions, ({ clientId }) => clientId),
    toColumn(redemptions, ({ organisationId }) => organisationId),
    toColumn(redemptions, ({ redirectUri }) => redirectUri),
    toColumn(redemptions, ({ codeChallenge }) => codeChallenge),
    toColumn(redemptions, ({ family }) => family?.id),
    toColumn(redemptions, ({ family }) => family?.seed),
    toColumn(redemptions, ({ family }) => family?.expiresAt),
    toColumn(redemptions, ({ eventId }) => eventId),
    maxNow(redemptions),
    toColumn(redemptions, ({ family }) =>
      family?.senderConstraints.length ? family.senderConstraints.join(' ') : undefined,
    ),
    toColumn(redemptions, ({ dpopJkt }) => dpopJkt),
    toColumn(redemptions, ({ accessReads }) => accessReads.join(' ')),
    toColumn(redemptions, ({ resources }) => resources?.join(' ')),
  ]
}

function readFailure(row: FailedRedemptionRow): CodeRedemptionResult | 'retry' {
  switch (row.code_state) {
    case 'expired':
      return { outcome: 'expired' }
    case 'redirect_uri':
    case 'code_challenge_missing':
    case 'code_verifier_missing':
    case 'code_verifier':
    case 'dpop_jkt':
    case 'resource':
      return { outcome: 'mismatch', mismatch: row.code_state }
    case 'replayed':
      return { outcome: 'replayed', grant: readGrant(row) }
    case 'fresh':
      return row.grant_inactive_reason ? { outcome: 'grant_inactive', reason: row.grant_inactive_reason } : 'retry'
  }
}
