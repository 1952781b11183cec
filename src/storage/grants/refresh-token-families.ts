import type pg from 'pg'
import { auditEventTypeColumns } from '../audit/audit-event-row.ts'
import { grantInactiveReason } from '../active-conditions.ts'
import type {
  RefreshTokenProof,
  RefreshTokenState,
  RefreshTokenFamilyRepository,
  RotationResult,
  RefreshTokenRotation,
} from '../../model/grants/refresh-token-family.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import {
  auditEventArrayParameters,
  auditEventArrays,
  auditEventColumns,
  auditEventInputColumns,
} from '../audit/audit-event-row.ts'
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
 * A family is one row with a generation. Its current token is the one of that generation:
 *
 *   presented == generation        rotate: generation + 1, return the successor; or keep the token, and note its use
 *   presented == generation - 1    in the grace period: return the same successor, write nothing
 *   anything older                 replayed: two parties hold tokens of the family
 *
 * Invariants
 * 1. One UPDATE increments the generation and requires the token's value of it, so a generation has one successor.
 * 2. A token's proof is SHA-256 over a key that only the server can make and the row's seed, and what is compared is the
 *    SHA-256 of proofs, so the time of a comparison does not help to guess one.
 * 3. Rows are written in the order of their id, so that two statements over the same families cannot deadlock.
 * 4. A token that was not rotated is explained by a second statement, which begins after the first: it sees what the winner
 *    of a race has written.
 */

const PROOF_MATCHES = `sha256(sha256(i.key || f.seed)) = i.proof_hash`

// The presented tokens that this server issued, with their grants and what these depend on.
const PRESENTED_TOKENS = `
  FROM (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $5::uuid[], $6::uuid[], $7::int[], $8::text[],
      $9::uuid[], $11::text[], $12::int[], $13::text[], $14::text[])
    WITH ORDINALITY AS t(family_id, generation, key, proof_hash, client_id, organisation_id, grace_period, requested_scopes,
      event_id, sender_proofs, step, access_reads, resources, ord)
    ORDER BY family_id
  ) i
  JOIN refresh_token_families f ON f.id = i.family_id AND f.client_id = i.client_id AND f.organisation_id = i.organisation_id
    AND ${PROOF_MATCHES}
  JOIN grants g ON g.id = f.grant_id AND g.organisation_id = f.organisation_id
  ${grantStatusJoins}`

// When the current token expires: with the family, or because it was not used. `least` ignores nulls.
const TOKEN_EXPIRES_AT = `least(f.expires_at, f.rotated_at + make_interval(secs => c.refresh_token_idle_lifetime))`
const FAMILY_COLUMNS = `i.ord::int, f.id AS family_id, f.generation, f.seed, f.expires_at`
// Compared so that no index offers itself for it: it would be a way in to all families.
const IS_EXPIRED = `${TOKEN_EXPIRES_AT} - $10::timestamptz <= interval '0'`
const IS_SCOPE_EXCEEDED = `(i.requested_scopes IS NOT NULL AND NOT string_to_array(i.requested_scopes, ' ') <@ g.scopes)`
const IS_RESOURCE_EXCEEDED = `(i.resources IS NOT NULL AND NOT string_to_array(i.resources, ' ') <@ coalesce(g.resources, '{}'))`
const IS_BINDING_MISMATCH = `(f.sender_constraints IS NOT NULL AND NOT f.sender_constraints <@ string_to_array(i.sender_proofs, ' '))`

const ROTATE = `
UPDATE refresh_token_families f SET generation = f.generation + w.step, rotated_at = $10::timestamptz
FROM (
  SELECT ${FAMILY_COLUMNS}, i.step, i.event_id, ${grantColumns}, ${subjectColumns('$10')}
  ${PRESENTED_TOKENS}
  WHERE i.generation = f.generation AND NOT ${IS_EXPIRED} AND NOT ${IS_SCOPE_EXCEEDED} AND NOT ${IS_RESOURCE_EXCEEDED} AND NOT ${IS_BINDING_MISMATCH}
    AND (${grantInactiveReason('$10')}) IS NULL
) w
WHERE f.id = w.family_id AND f.organisation_id = w.organisation_id AND f.generation = w.generation
RETURNING w.*`

const ROTATE_AUDITED = `
WITH rotated AS (${ROTATE}), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT event_id, organisation_id, $10::timestamptz, ${auditEventTypeColumns('oauth2.token_refreshed')}, user_id,
    grant_client_id, 'grant', grant_id::text, '{"grant_type":"refresh_token"}'
  FROM rotated WHERE event_id IS NOT NULL
)
SELECT * FROM rotated`

const EXPLAIN_FAILURE = `
SELECT ${FAMILY_COLUMNS}, ${IS_EXPIRED} AS expired, ${IS_SCOPE_EXCEEDED} AS scope_exceeded,
  ${IS_RESOURCE_EXCEEDED} AS resource_exceeded, ${IS_BINDING_MISMATCH} AS binding_mismatch,
  ${grantInactiveReason('$10')} AS grant_inactive_reason, ${grantColumns},
  ${subjectColumns('$10')},
  CASE
    WHEN i.generation > f.generation THEN 'unknown'
    WHEN i.generation = f.generation THEN 'current'
    WHEN i.generation = f.generation - 1
      AND $10::timestamptz <= f.rotated_at + make_interval(secs => i.grace_period) AND i.grace_period > 0 THEN 'replayed_in_grace_period'
    ELSE 'replayed'
  END AS token_state
${PRESENTED_TOKENS}`

const INSPECT = `
SELECT f.generation = i.generation AND ${TOKEN_EXPIRES_AT} > $5::timestamptz AS is_current, ${TOKEN_EXPIRES_AT} AS expires_at, u.email,
  ${grantInactiveReason('$5')} AS grant_inactive_reason, ${grantColumns}
FROM (SELECT $1::uuid AS family_id, $2::int AS generation, $3::bytea AS key, $4::bytea AS proof_hash) i
JOIN refresh_token_families f ON f.id = i.family_id AND i.generation <= f.generation AND ${PROOF_MATCHES}
JOIN grants g ON g.id = f.grant_id AND g.organisation_id = f.organisation_id
${grantStatusJoins}`

const REVOKE = `
WITH i AS (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $5::uuid[], $6::uuid[],
    ${auditEventArrayParameters(7)})
  WITH ORDINALITY AS t(family_id, generation, key, proof_hash, client_id, organisation_id, ${auditEventInputColumns}, ord)
), matched AS MATERIALIZED (
  SELECT DISTINCT ON (f.grant_id) f.grant_id, i.*
  FROM i JOIN refresh_token_families f ON f.id = i.family_id AND i.generation <= f.generation AND f.client_id = i.client_id
    AND f.organisation_id = i.organisation_id AND ${PROOF_MATCHES}
  ORDER BY f.grant_id, i.ord
), locked AS MATERIALIZED (
  SELECT id FROM grants WHERE id IN (SELECT grant_id FROM matched) ORDER BY id FOR UPDATE
), revoked AS (
  UPDATE grants g SET revoked_at = m.occurred_at, revoked_reason = 'revoked_by_client'
  FROM locked JOIN matched m ON m.grant_id = locked.id
  WHERE g.id = locked.id AND g.organisation_id = m.organisation_id AND g.revoked_at IS NULL
  RETURNING g.id, g.user_id, m.ord
)
INSERT INTO audit_events (${auditEventColumns})
SELECT event_id, organisation_id, occurred_at, type, category, action, success, revoked.user_id, client_id, 'grant',
  revoked.id::text, ip_address, user_agent, request_id, metadata
FROM revoked JOIN matched USING (ord)`

interface FamilyRow extends GrantColumns, SubjectColumns {
  ord: number
  generation: number
  seed: Buffer
  expires_at: Date
}

interface RotatedRow extends FamilyRow {
  step: number
}

interface FailedRotationRow extends FamilyRow, GrantStatusColumns {
  expired: boolean
  scope_exceeded: boolean
  resource_exceeded: boolean
  binding_mismatch: boolean
  token_state: 'unknown' | 'current' | 'replayed_in_grace_period' | 'replayed'
}

interface Revocation {
  proof: RefreshTokenProof
  client: { id: string; organisationId: string }
  event: AuditEvent
}

interface InspectedRow extends GrantStatusColumns {
  is_current: boolean
  expires_at: Date
  email: string
}

export function createRefreshTokenFamilyRepository(pool: pg.Pool): RefreshTokenFamilyRepository {
  const queryRotate = prepare<RotatedRow>(pool, 'rotate-refresh-token', ROTATE)
  const queryRotateAudited = prepare<RotatedRow>(pool, 'rotate-refresh-token-audited', ROTATE_AUDITED)
  const queryFailure = prepare<FailedRotationRow>(pool, 'explain-refresh-failure', EXPLAIN_FAILURE)
  const queryInspect = prepare<InspectedRow>(pool, 'inspect-refresh-token', INSPECT)
  const queryRevoke = prepare(pool, 'revoke-refresh-token', REVOKE)

  const rotateCurrent = batched(async (rotations: readonly RefreshTokenRotation[]) => {
    const query = rotations.some(({ eventId }) => eventId !== undefined) ? queryRotateAudited : queryRotate
    const rows = await query(toParameters(rotations))
    return reorderByInput(rows, rotations.length).map(
      (row) => row && toSuccess('rotated', row, row.generation + row.step),
    )
  })

  const explainFailure = batched(async (rotations: readonly RefreshTokenRotation[]) => {
    const rows = await queryFailure(toParameters(rotations))
    return reorderByInput(rows, rotations.length).map((row) =>
      row ? readFailure(row) : { outcome: 'unknown' as const },
    )
  })

  const revoke = batched(async (revocations: readonly Revocation[]) => {
    await queryRevoke([
      toColumn(revocations, ({ proof }) => proof.familyId),
      toColumn(revocations, ({ proof }) => proof.generation),
      toColumn(revocations, ({ proof }) => proof.key),
      toColumn(revocations, ({ proof }) => proof.proofHash),
      toColumn(revocations, ({ client }) => client.id),
      toColumn(revocations, ({ client }) => client.organisationId),
      ...auditEventArrays(revocations.map(({ event }) => event)),
    ])
    return toColumn(revocations, () => undefined)
  })

  return {
    async rotate(rotation) {
      for (;;) {
        const result = (await rotateCurrent(rotation)) ?? (await explainFailure(rotation))
        // The reason of a moment ago is gone, for example a user who is not blocked any more.
        if (result !== 'retry') return result
      }
    },
    async inspect(
      { familyId, generation, key, proofHash }: RefreshTokenProof,
      now,
    ): Promise<RefreshTokenState | undefined> {
      const [row] = await queryInspect([familyId, generation, key, proofHash, now])
      return (
        row && {
          clientId: row.grant_client_id,
          grant: readGrant(row),
          email: row.email,
          active: row.is_current && row.grant_inactive_reason === null,
          expiresAt: row.expires_at,
        }
      )
    },
    revoke: (proof, client, event) => revoke({ proof, client, event }),
  }
}

function toParameters(rotations: readonly RefreshTokenRotation[]): unknown[] {
  return [
    toColumn(rotations, ({ familyId }) => familyId),
    toColumn(rotations, ({ generation }) => generation),
    toColumn(rotations, ({ key }) => key),
    toColumn(rotations, ({ proofHash }) => proofHash),
    toColumn(rotations, ({ clientId }) => clientId),
    toColumn(rotations, ({ organisationId }) => organisationId),
    toColumn(rotations, ({ gracePeriodSeconds }) => gracePeriodSeconds),
    toColumn(rotations, ({ scopes }) => scopes?.join(' ')),
    toColumn(rotations, ({ eventId }) => eventId),
    maxNow(rotations),
    toColumn(rotations, ({ senderProofs }) => senderProofs.join(' ')),
    toColumn(rotations, ({ keepsToken }) => (keepsToken ? 0 : 1)),
    toColumn(rotations, ({ accessReads }) => accessReads.join(' ')),
    toColumn(rotations, ({ resources }) => resources?.join(' ')),
  ]
}

function readFailure(row: FailedRotationRow): RotationResult | 'retry' {
  if (row.token_state === 'unknown') return { outcome: 'unknown' }
  // Checked first: a thief who cannot use a token must not be able to revoke its grant either.
  if (row.binding_mismatch) return { outcome: 'binding_mismatch' }
  if (row.grant_inactive_reason) return { outcome: 'grant_inactive', reason: row.grant_inactive_reason }
  if (row.expired) return { outcome: 'expired' }
  if (row.token_state === 'replayed') return { outcome: 'replayed', grant: readGrant(row) }
  if (row.scope_exceeded) return { outcome: 'scope_exceeded', grantedScopes: row.scopes }
  if (row.resource_exceeded) return { outcome: 'resource_exceeded', grantedResources: row.resources ?? [] }
  return row.token_state === 'current' ? 'retry' : toSuccess('replayed_in_grace_period', row, row.generation)
}

function toSuccess(
  outcome: 'rotated' | 'replayed_in_grace_period',
  row: FamilyRow,
  generation: number,
): RotationResult {
  const { seed, expires_at: expiresAt } = row
  return { outcome, grant: readGrant(row), subject: readSubject(row), generation, seed, expiresAt }
}
