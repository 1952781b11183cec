// `storage/replay` implements the replay caches: an insert that conflicts means the identifier was used before.
// Expired rows are deleted by the retention sweep.
// What counts as an identifier is decided by the callers.

import type pg from 'pg'
import type { AssertionReplayCache } from '../../model/replay/used-assertion.ts'
import { prepare } from '../db/batched-statement.ts'

const CONSUME = `
INSERT INTO used_assertions (client_id, jti, organisation_id, expires_at)
VALUES ($1::uuid, $2, $3::uuid, $4::timestamptz) ON CONFLICT DO NOTHING RETURNING jti`

export function createAssertionReplayCache(pool: pg.Pool): AssertionReplayCache {
  const queryConsume = prepare<{ jti: string }>(pool, 'use-assertion', CONSUME)
  return {
    async consume({ clientId, jti, organisationId, expiresAt }) {
      return (await queryConsume([clientId, jti, organisationId, expiresAt])).length > 0
    },
  }
}
