import type { Pool } from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import { maintainAuditPartitions } from './audit-partitions.ts'
import { lowestIdAt } from './event-id.ts'

const OWN_RETENTION = `SELECT id, (settings ->> 'auditRetentionDays')::int AS days FROM organisations
WHERE jsonb_typeof(settings -> 'auditRetentionDays') = 'number'`

const deleteEvents = (found: string) => `
DELETE FROM audit_events e USING (${found}) AS old WHERE e.id = old.id AND e.occurred_at = old.occurred_at`

const DELETE_OF = deleteEvents(`SELECT id, occurred_at FROM audit_events
  WHERE organisation_id = $1::uuid AND occurred_at < $2::timestamptz ORDER BY occurred_at LIMIT $3`)
// Events without an organisation are those of sign-ins with an unknown e-mail address.
const DELETE_OF_NONE = deleteEvents(`SELECT id, occurred_at FROM audit_events
  WHERE organisation_id IS NULL AND occurred_at < $1::timestamptz ORDER BY occurred_at LIMIT $2`)
const DELETE_OF_OTHERS = deleteEvents(`SELECT old.id, old.occurred_at FROM organisations o CROSS JOIN LATERAL (
    SELECT id, occurred_at FROM audit_events
    WHERE organisation_id = o.id AND occurred_at < $1::timestamptz ORDER BY occurred_at LIMIT $2) AS old
  WHERE NOT o.id = ANY ($3::uuid[]) LIMIT $2`)
const DELETE_OF_DEFAULT = `
DELETE FROM audit_events_default WHERE id IN (
  SELECT id FROM audit_events_default WHERE occurred_at < $1::timestamptz ORDER BY id LIMIT $2)`

// Before their events, so that a block is never missing some of its events.
const DELETE_BLOCKS_OF =
  'DELETE FROM audit_chain_blocks WHERE organisation_id = $1::uuid AND first_occurred_at < $2::timestamptz'
const DELETE_BLOCKS_OF_OTHERS = `DELETE FROM audit_chain_blocks
WHERE last_event_id < $1::uuid AND first_occurred_at < $2::timestamptz AND NOT organisation_id = ANY ($3::uuid[])`
/** More than the time between the events of a block. */
const BLOCK_SECONDS = 2 * 86_400

const BATCH_SIZE = 500
// 100,000 events of an organisation an hour.
const MAX_BATCHES = 200

/**
 * Deletes audit events of organisations that keep them for a shorter time than others, and drops partitions whose events are
 * older than any organisation keeps them. `defaultDays` holds for organisations without a retention of their own; 0 is for ever. Makes the
 * partitions of the coming months. Safe to run in every process, at any time.
 */
export function createAuditRetention(pool: Pool): (now: Date, defaultDays: number) => Promise<void> {
  async function deleteInBatches(text: string, ...values: unknown[]): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const { rowCount } = await pool.query(text, values)
      if ((rowCount ?? 0) < BATCH_SIZE) return
    }
  }

  return async (now, defaultDays) => {
    const own = (await pool.query<{ id: string; days: number }>(OWN_RETENTION)).rows
    const before = (days: number) => addSeconds(now, -days * 86_400)
    const longest = defaultDays === 0 ? Infinity : Math.max(defaultDays, ...own.map(({ days }) => days))
    for (const { id, days } of own) await pool.query(DELETE_BLOCKS_OF, [id, before(days)])
    if (defaultDays > 0) {
      const last = lowestIdAt(addSeconds(before(defaultDays), BLOCK_SECONDS))
      await pool.query(DELETE_BLOCKS_OF_OTHERS, [last, before(defaultDays), own.map(({ id }) => id)])
    }
    for (const { id, days } of own) if (days < longest) await deleteInBatches(DELETE_OF, id, before(days), BATCH_SIZE)
    if (defaultDays > 0 && defaultDays < longest) {
      const others = own.map(({ id }) => id)
      await deleteInBatches(DELETE_OF_OTHERS, before(defaultDays), BATCH_SIZE, others)
      await deleteInBatches(DELETE_OF_NONE, before(defaultDays), BATCH_SIZE)
    }
    if (longest !== Infinity) await deleteInBatches(DELETE_OF_DEFAULT, before(longest), BATCH_SIZE)
    await maintainAuditPartitions(pool, now, longest === Infinity ? undefined : before(longest))
  }
}
