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
import { grantColumns, grantEnd, grantHangsFrom, readGrant, readSubject, type GrantColumns } from './liveness.ts'
import { column, inInputOrder, latest, prepare, together } from './statement.ts'

/*
 * A family is one row with a generation. Its newest token is the one of that generation:
 *
 *   presented == generation        rotate: generation + 1, answer with the successor
 *   presented == generation - 1    within the reuse window: answer with the same successor, write nothing
 *   anything older                 reused: two parties hold the family's tokens
 *
 * Invariants
 * 1. The generation moves by one UPDATE that requires the value that was judged, so a generation has one successor.
 * 2. A token's proof is SHA-256 over a key that only the server can make and the row's seed, and what is compared is the
 *    SHA-256 of proofs, so the time a comparison takes tells nothing that helps to guess one.
 * 3. Rows are locked in the order of their id before anything is judged (see authorization-codes).
 */

const proven = `sha256(sha256(i.key || l.seed)) = i.proof_hash`

const ROTATE = `
WITH input AS (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[], $5::uuid[], $6::uuid[], $7::int[], $8::uuid[],
    $10::text[])
  WITH ORDINALITY AS t(family_id, generation, key, proof_hash, client_id, organisation_id, reuse_window, event_id,
    wanted, ord)
), locked AS MATERIALIZED (
  SELECT * FROM refresh_families WHERE id IN (SELECT family_id FROM input) ORDER BY id FOR UPDATE
), judged AS MATERIALIZED (
  SELECT i.ord, i.event_id, l.id AS family_id, l.generation, l.seed, l.expires_at, o.audit_tokens,
    ${grantEnd} AS grant_end, ${grantColumns},
    CASE
      WHEN l.id IS NULL OR g.id IS NULL OR i.generation > l.generation THEN 'unknown'
      WHEN i.generation = l.generation THEN 'newest'
      WHEN i.generation = l.generation - 1
        AND $9::timestamptz <= l.rotated_at + make_interval(secs => i.reuse_window) AND i.reuse_window > 0 THEN 'retried'
      ELSE 'reused'
    END AS verdict,
    i.wanted IS NOT NULL AND NOT string_to_array(i.wanted, ' ') <@ g.scopes AS excessive
  FROM input i
  LEFT JOIN locked l ON l.id = i.family_id AND l.client_id = i.client_id AND l.organisation_id = i.organisation_id
    AND ${proven}
  LEFT JOIN grants g ON g.id = l.grant_id AND g.organisation_id = l.organisation_id
  ${grantHangsFrom}
), winner AS (
  SELECT DISTINCT ON (family_id) * FROM judged
  WHERE verdict = 'newest' AND NOT excessive AND grant_end IS NULL AND expires_at > $9::timestamptz ORDER BY family_id, ord
), rotated AS (
  UPDATE refresh_families f SET generation = f.generation + 1, rotated_at = $9::timestamptz FROM winner w
  WHERE f.id = w.family_id AND f.organisation_id = w.organisation_id AND f.generation = w.generation
  RETURNING w.ord
), audited AS (
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, metadata)
  SELECT w.event_id, w.organisation_id, $9::timestamptz, 'oauth2.token_refreshed', 'auth', 'create', true, w.user_id,
    w.grant_client_id, 'grant', w.grant_id::text, '{"grant_type":"refresh_token"}'
  FROM rotated JOIN winner w USING (ord) WHERE w.audit_tokens
)
SELECT j.*, j.ord::int AS ord, j.expires_at <= $9::timestamptz AS expired, r.ord IS NOT NULL AS rotated
FROM judged j LEFT JOIN rotated r USING (ord)`

const INSPECT = `
WITH i AS (SELECT $1::uuid AS family_id, $2::int AS generation, $3::bytea AS key, $4::bytea AS proof_hash)
SELECT l.generation = i.generation AND l.expires_at > $5::timestamptz AS newest, l.expires_at, u.email,
  ${grantEnd} AS grant_end, ${grantColumns}
FROM i
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

interface RotatedRow extends GrantColumns {
  ord: number
  generation: number
  seed: Buffer
  expires_at: Date
  expired: boolean
  rotated: boolean
  excessive: boolean
  verdict: 'unknown' | 'newest' | 'retried' | 'reused'
}

interface Revocation {
  proof: FamilyProof
  client: { id: string; organisationId: string }
  event: SecurityEvent
}

interface InspectedRow extends GrantColumns {
  newest: boolean
  expires_at: Date
  email: string
}

export function createRefreshFamilyRepository(pool: pg.Pool): RefreshFamilyRepository {
  const rotateRows = prepare<RotatedRow>(pool, 'rotate-refresh-token', ROTATE)
  const inspectRows = prepare<InspectedRow>(pool, 'inspect-refresh-token', INSPECT)
  const revokeRows = prepare(pool, 'revoke-refresh-token', REVOKE)

  const rotateOnce = together(async (rotations: readonly Rotation[]) => {
    const rows = await rotateRows([
      column(rotations, ({ familyId }) => familyId),
      column(rotations, ({ generation }) => generation),
      column(rotations, ({ key }) => key),
      column(rotations, ({ proofHash }) => proofHash),
      column(rotations, ({ clientId }) => clientId),
      column(rotations, ({ organisationId }) => organisationId),
      column(rotations, ({ reuseWindow }) => reuseWindow),
      column(rotations, ({ eventId }) => eventId),
      latest(rotations),
      column(rotations, ({ scopes }) => scopes?.join(' ')),
    ])
    return inInputOrder(rows, rotations.length).map(readRotation)
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
      // The same token twice in one statement: the second is judged again after the first has taken effect.
      for (;;) {
        const result = await rotateOnce(rotation)
        if (result !== 'again') return result
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

function readRotation(row: RotatedRow): RotatedFamily | 'again' {
  if (row.verdict === 'unknown') return { outcome: 'unknown' }
  if (row.grant_end) return { outcome: 'ended', because: row.grant_end }
  if (row.expired) return { outcome: 'expired' }
  if (row.verdict === 'reused') return { outcome: 'reused', grant: readGrant(row) }
  if (row.excessive) return { outcome: 'excessive', granted: row.scopes }
  if (row.verdict === 'newest' && !row.rotated) return 'again'
  return {
    outcome: row.verdict === 'newest' ? 'rotated' : 'retried',
    grant: readGrant(row),
    subject: readSubject(row),
    generation: row.verdict === 'newest' ? row.generation + 1 : row.generation,
    seed: row.seed,
    expiresAt: row.expires_at,
  }
}
