import type pg from 'pg'
import type { ClientLastUsedRepository } from '../../model/clients/client-last-used.ts'
import { toColumn, prepare } from '../db/batched-statement.ts'

// A row is only replaced by a later hour, so at most once an hour over all processes. Rows are locked in the order of their
// keys, so that two such statements wait for each other instead of deadlocking.
const RECORD = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS i(client_id, organisation_id, secret_id, used_at)
), updated AS (
  INSERT INTO client_last_used AS u (client_id, organisation_id, used_at)
  SELECT c.id, c.organisation_id, max(i.used_at)
  FROM input i JOIN clients c ON c.id = i.client_id AND c.organisation_id IS NOT DISTINCT FROM i.organisation_id
  GROUP BY c.id, c.organisation_id ORDER BY c.id
  ON CONFLICT (client_id) DO UPDATE SET used_at = excluded.used_at WHERE u.used_at < excluded.used_at
)
INSERT INTO client_secret_last_used AS u (secret_id, organisation_id, used_at)
SELECT s.id, s.organisation_id, max(i.used_at)
FROM input i JOIN client_secrets s ON s.id = i.secret_id AND s.organisation_id IS NOT DISTINCT FROM i.organisation_id
GROUP BY s.id, s.organisation_id ORDER BY s.id
ON CONFLICT (secret_id) DO UPDATE SET used_at = excluded.used_at WHERE u.used_at < excluded.used_at`

export function createClientLastUsedRepository(pool: pg.Pool): ClientLastUsedRepository {
  const queryRecord = prepare(pool, 'record-client-last-used', RECORD)
  return {
    async record(usages) {
      await queryRecord([
        toColumn(usages, ({ clientId }) => clientId),
        toColumn(usages, ({ organisationId }) => organisationId),
        toColumn(usages, ({ secretId }) => secretId),
        toColumn(usages, ({ usedAt }) => usedAt),
      ])
    },
  }
}
