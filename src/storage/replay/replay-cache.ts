// `storage/replay` implements the replay cache: an insert that conflicts means that the token was used before.
// Expired rows are deleted by the retention sweep.
// Which tokens are single-use is decided by `clients` and `tokens`.

import type pg from 'pg'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { ReplayCache, SingleUseToken } from '../../model/replay/replay-cache.ts'
import { toColumn, prepare, batched } from '../db/batched-statement.ts'

// Rows are inserted in the order of their keys, so that two such statements wait for each other instead of deadlocking.
const CONSUME = `
INSERT INTO replay_cache (key_hash, organisation_id, expires_at)
SELECT DISTINCT ON (key_hash) key_hash, organisation_id, expires_at
FROM unnest($1::bytea[], $2::uuid[], $3::timestamptz[]) AS t(key_hash, organisation_id, expires_at)
ORDER BY key_hash
ON CONFLICT DO NOTHING RETURNING key_hash`

// The commit does not wait for the disk: PostgreSQL flushes its log within 0.6 s by default (docs/decisions/0021).
const CONSUME_UNFLUSHED = `${CONSUME}, set_config('synchronous_commit', 'off', true)`

export function createReplayCache(pool: pg.Pool): ReplayCache {
  const queryConsume = prepare<{ key_hash: Buffer }>(pool, 'consume-single-use-tokens', CONSUME)
  const queryUnflushed = prepare<{ key_hash: Buffer }>(pool, 'consume-dpop-proofs', CONSUME_UNFLUSHED)
  return {
    consume: batched(async (tokens: readonly SingleUseToken[]) => {
      const query = tokens.every(({ kind }) => kind === 'dpop_proof') ? queryUnflushed : queryConsume
      const keys = tokens.map(({ kind, signer, jti }) => sha256(`${kind}\n${signer}\n${jti}`))
      const rows = await query([
        keys,
        toColumn(tokens, ({ organisationId }) => organisationId),
        toColumn(tokens, ({ expiresAt }) => expiresAt),
      ])
      const fresh = new Set(rows.map(({ key_hash: key }) => key.toString('hex')))
      // If a batch holds the same token twice, only its first use is fresh.
      return keys.map((key) => fresh.delete(key.toString('hex')))
    }),
  }
}
