import type pg from 'pg'
import type {
  FamilyProof,
  FamilyState,
  RefreshFamilyRepository,
  RotatedFamily,
  Rotation,
} from '../model/refresh-family.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { auditArrayParameters, auditArrays, auditColumns, auditInput } from './audit.ts'
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
 * A family is one row with a generation. Its newest token is the one of that generation:
 *
 *   presented == generation        rotate: generation + 1, answer with the successor
 *   presented == generation - 1    within the reuse window: answer with the same successor, write nothing
 *   anything older                 reused: two parties hold the family's tokens
 *
 * Invariants
 * 1. The generation moves by one UPDATE that requires the value that the token names, so a generation has one successor.
 * 2. A token's proof is SHA-256 over a key that only the server can make and the row's seed, and what is compared is the
 *    SHA-256 of proofs, so the time a comparison takes tells nothing that helps to guess one.
 * 3. Rows are written in the order of their id, so that two statements over the same families cannot deadlock.
 * 4. A token that was not rotated is judged by a statement of its own, begun when that one has ended: it sees what whoever
 *    came first has left.
 */

const proven = `sha256(sha256(i.key || l.seed)) = i.proof_hash`

// The tokens that were presented and are ours, with what each hangs from.
const presented = `
  FROM (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $5::uuid[], $6::uuid[], $7::int[], $8::text[],
      $9::uuid[], $11::text[])
    WITH ORDINALITY AS t(family_id, generation, key, proof_hash, client_id, organisation_id, reuse_window, wanted,
      event_id, proofs, ord)
    ORDER BY family_id
  ) i
  JOIN refresh_families l ON l.id = i.family_id AND l.client_id = i.client_id AND l.organisation_id = i.organisation_id
    AND ${proven}
  JOIN grants g ON g.id = l.grant_id AND g.organisation_id = l.organisation_id
  ${grantHangsFrom}`

// When the newest token expires: with the family, or because nobody used it. The least of a time and of none is the time.
const expiry = `least(l.expires_at, l.rotated_at + make_interval(secs => c.refresh_token_idle_lifetime))`
const familyColumns = `i.ord::int, l.id AS family_id, l.generation, l.seed, l.expires_at`
// Compared in a way that no index offers itself for: it would be a way in to all families.
const expired = `${expiry} - $10::timestamptz <= interval '0'`
const excessive = `(i.wanted IS NOT NULL AND NOT string_to_array(i.wanted, ' ') <@ g.scopes)`
const unproven = `(l.bound_to IS NOT NULL AND NOT l.bound_to <@ string_to_array(i.proofs, ' '))`

const ROTATE = `
UPDATE refresh_families f SET generation = f.generation + 1, rotated_at = $10::timestamptz
FROM (
  SELECT ${familyColumns}, i.event_id, ${grantColumns}, ${subjectColumns}
  ${presented}
  WHERE i.generation = l.generation AND NOT ${expired} AND NOT ${excessive} AND NOT ${unproven}
    AND (${grantEnd('$10')}) IS NULL
) w
WHERE f.id = w.family_id AND f.organisation_id = w.organisation_id AND f.generation = w.generation
RETURNING w.*`

const ROTATE_AUDITED = `
WITH rotated AS (${ROTATE}), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT event_id, organisation_id, $10::timestamptz, 'oauth2.token_refreshed', 'auth', 'create', true, user_id,
    grant_client_id, 'grant', grant_id::text, '{"grant_type":"refresh_token"}'
  FROM rotated WHERE event_id IS NOT NULL
)
SELECT * FROM rotated`

const JUDGE = `
SELECT ${familyColumns}, ${expired} AS expired, ${excessive} AS excessive, ${unproven} AS unproven,
  ${grantEnd('$10')} AS grant_end, ${grantColumns},
  ${subjectColumns},
  CASE
    WHEN i.generation > l.generation THEN 'unknown'
    WHEN i.generation = l.generation THEN 'newest'
    WHEN i.generation = l.generation - 1
      AND $10::timestamptz <= l.rotated_at + make_interval(secs => i.reuse_window) AND i.reuse_window > 0 THEN 'retried'
    ELSE 'reused'
  END AS verdict
${presented}`

const INSPECT = `
SELECT l.generation = i.generation AND ${expiry} > $5::timestamptz AS newest, ${expiry} AS expires_at, u.email,
  ${grantEnd('$5')} AS grant_end, ${grantColumns}
FROM (SELECT $1::uuid AS family_id, $2::int AS generation, $3::bytea AS key, $4::bytea AS proof_hash) i
JOIN refresh_families l ON l.id = i.family_id AND i.generation <= l.generation AND ${proven}
JOIN grants g ON g.id = l.grant_id AND g.organisation_id = l.organisation_id
${grantHangsFrom}`

const REVOKE = `
WITH i AS (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $5::uuid[], $6::uuid[],
    ${auditArrayParameters(7)})
  WITH ORDINALITY AS t(family_id, generation, key, proof_hash, client_id, organisation_id, ${auditInput}, ord)
), named AS MATERIALIZED (
  SELECT DISTINCT ON (l.grant_id) l.grant_id, i.*
  FROM i JOIN refresh_families l ON l.id = i.family_id AND i.generation <= l.generation AND l.client_id = i.client_id
    AND l.organisation_id = i.organisation_id AND ${proven}
  ORDER BY l.grant_id, i.ord
), locked AS MATERIALIZED (
  SELECT id FROM grants WHERE id IN (SELECT grant_id FROM named) ORDER BY id FOR UPDATE
), ended AS (
  UPDATE grants g SET revoked_at = n.occurred_at, revoked_reason = 'revoked_by_client'
  FROM locked JOIN named n ON n.grant_id = locked.id
  WHERE g.id = locked.id AND g.organisation_id = n.organisation_id AND g.revoked_at IS NULL
  RETURNING g.id, g.user_id, n.ord
)
INSERT INTO audit_events (${auditColumns})
SELECT event_id, organisation_id, occurred_at, type, category, action, success, ended.user_id, client_id, 'grant',
  ended.id::text, ip_address, user_agent, request_id, metadata
FROM ended JOIN named USING (ord)`

interface FamilyRow extends GrantColumns, SubjectColumns {
  ord: number
  generation: number
  seed: Buffer
  expires_at: Date
}

interface JudgedRow extends FamilyRow, JudgedGrantColumns {
  expired: boolean
  excessive: boolean
  unproven: boolean
  verdict: 'unknown' | 'newest' | 'retried' | 'reused'
}

interface Revocation {
  proof: FamilyProof
  client: { id: string; organisationId: string }
  event: SecurityEvent
}

interface InspectedRow extends JudgedGrantColumns {
  newest: boolean
  expires_at: Date
  email: string
}

export function createRefreshFamilyRepository(pool: pg.Pool): RefreshFamilyRepository {
  const rotateRows = prepare<FamilyRow>(pool, 'rotate-refresh-token', ROTATE)
  const rotateAuditedRows = prepare<FamilyRow>(pool, 'rotate-refresh-token-audited', ROTATE_AUDITED)
  const judgeRows = prepare<JudgedRow>(pool, 'judge-refresh-token', JUDGE)
  const inspectRows = prepare<InspectedRow>(pool, 'inspect-refresh-token', INSPECT)
  const revokeRows = prepare(pool, 'revoke-refresh-token', REVOKE)

  const rotateNewest = together(async (rotations: readonly Rotation[]) => {
    const send = rotations.some(({ eventId }) => eventId !== undefined) ? rotateAuditedRows : rotateRows
    const rows = await send(parameters(rotations))
    return inInputOrder(rows, rotations.length).map((row) => row && succeeded('rotated', row, row.generation + 1))
  })

  const judge = together(async (rotations: readonly Rotation[]) => {
    const rows = await judgeRows(parameters(rotations))
    return inInputOrder(rows, rotations.length).map((row) => (row ? readVerdict(row) : { outcome: 'unknown' as const }))
  })

  const revoke = together(async (revocations: readonly Revocation[]) => {
    await revokeRows([
      column(revocations, ({ proof }) => proof.familyId),
      column(revocations, ({ proof }) => proof.generation),
      column(revocations, ({ proof }) => proof.key),
      column(revocations, ({ proof }) => proof.proofHash),
      column(revocations, ({ client }) => client.id),
      column(revocations, ({ client }) => client.organisationId),
      ...auditArrays(revocations.map(({ event }) => event)),
    ])
    return column(revocations, () => undefined)
  })

  return {
    async rotate(rotation) {
      for (;;) {
        const rotated = (await rotateNewest(rotation)) ?? (await judge(rotation))
        // What stood in the way a moment ago, a person who was blocked, say, does so no more.
        if (rotated !== 'again') return rotated
      }
    },
    async inspect({ familyId, generation, key, proofHash }: FamilyProof, now): Promise<FamilyState | undefined> {
      const [row] = await inspectRows([familyId, generation, key, proofHash, now])
      return (
        row && {
          clientId: row.grant_client_id,
          grant: readGrant(row),
          email: row.email,
          active: row.newest && row.grant_end === null,
          expiresAt: row.expires_at,
        }
      )
    },
    revoke: (proof, client, event) => revoke({ proof, client, event }),
  }
}

function parameters(rotations: readonly Rotation[]): unknown[] {
  return [
    column(rotations, ({ familyId }) => familyId),
    column(rotations, ({ generation }) => generation),
    column(rotations, ({ key }) => key),
    column(rotations, ({ proofHash }) => proofHash),
    column(rotations, ({ clientId }) => clientId),
    column(rotations, ({ organisationId }) => organisationId),
    column(rotations, ({ reuseWindow }) => reuseWindow),
    column(rotations, ({ scopes }) => scopes?.join(' ')),
    column(rotations, ({ eventId }) => eventId),
    latest(rotations),
    column(rotations, ({ proofs }) => proofs.join(' ')),
  ]
}

function readVerdict(row: JudgedRow): RotatedFamily | 'again' {
  if (row.verdict === 'unknown') return { outcome: 'unknown' }
  // Before anything that would end the grant: who cannot use what it stole shall not end it either.
  if (row.unproven) return { outcome: 'unproven' }
  if (row.grant_end) return { outcome: 'ended', because: row.grant_end }
  if (row.expired) return { outcome: 'expired' }
  if (row.verdict === 'reused') return { outcome: 'reused', grant: readGrant(row) }
  if (row.excessive) return { outcome: 'excessive', granted: row.scopes }
  return row.verdict === 'newest' ? 'again' : succeeded('retried', row, row.generation)
}

function succeeded(outcome: 'rotated' | 'retried', row: FamilyRow, generation: number): RotatedFamily {
  const { seed, expires_at: expiresAt } = row
  return { outcome, grant: readGrant(row), subject: readSubject(row), generation, seed, expiresAt }
}
