import type pg from 'pg'
import type { DpopProofReplayCache, UsedDpopProof } from '../../model/replay/used-dpop-proof.ts'
import { toColumn, prepare, batched } from '../db/batched-statement.ts'

// In one order, so that statements that use the same proofs wait for one another instead of deadlocking.
const CONSUME = `
INSERT INTO used_proofs (proof_hash, organisation_id, expires_at)
SELECT DISTINCT ON (proof_hash) proof_hash, organisation_id, expires_at
FROM unnest($1::bytea[], $2::uuid[], $3::timestamptz[]) AS t(proof_hash, organisation_id, expires_at)
ORDER BY proof_hash
ON CONFLICT DO NOTHING RETURNING proof_hash`

export function createDpopProofReplayCache(pool: pg.Pool): DpopProofReplayCache {
  const queryConsume = prepare<{ proof_hash: Buffer }>(pool, 'use-proof', CONSUME)
  return {
    consume: batched(async (proofs: readonly UsedDpopProof[]) => {
      const rows = await queryConsume([
        toColumn(proofs, ({ proofHash }) => proofHash),
        toColumn(proofs, ({ organisationId }) => organisationId),
        toColumn(proofs, ({ expiresAt }) => expiresAt),
      ])
      const fresh = new Set(rows.map(({ proof_hash: hash }) => hash.toString('hex')))
      // Of the same proof twice among them, one is the first.
      return proofs.map(({ proofHash }) => fresh.delete(Buffer.from(proofHash).toString('hex')))
    }),
  }
}
