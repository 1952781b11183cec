import type pg from 'pg'
import type { ProofRepository, UsedProof } from '../model/proof.ts'
import { column, prepare, together } from './statement.ts'

// In one order, so that statements that use the same proofs wait for one another instead of deadlocking.
const USE = `
INSERT INTO used_proofs (proof_hash, organisation_id, expires_at)
SELECT DISTINCT ON (proof_hash) proof_hash, organisation_id, expires_at
FROM unnest($1::bytea[], $2::uuid[], $3::timestamptz[]) AS t(proof_hash, organisation_id, expires_at)
ORDER BY proof_hash
ON CONFLICT DO NOTHING RETURNING proof_hash`

export function createProofRepository(pool: pg.Pool): ProofRepository {
  const useRows = prepare<{ proof_hash: Buffer }>(pool, 'use-proof', USE)
  return {
    use: together(async (proofs: readonly UsedProof[]) => {
      const rows = await useRows([
        column(proofs, ({ proofHash }) => proofHash),
        column(proofs, ({ organisationId }) => organisationId),
        column(proofs, ({ expiresAt }) => expiresAt),
      ])
      const fresh = new Set(rows.map(({ proof_hash: hash }) => hash.toString('hex')))
      // Of the same proof twice among them, one is the first.
      return proofs.map(({ proofHash }) => fresh.delete(Buffer.from(proofHash).toString('hex')))
    }),
  }
}
