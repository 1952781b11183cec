import type { Pool } from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { auditEventTypes } from '../../model/audit/audit-event-types.ts'
import { DELETED_ORGANISATION_RETENTION_SECONDS } from '../../model/organisations/organisation.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'

const FIND_DUE = 'SELECT id, slug FROM organisations WHERE deleted_at < $1::timestamptz ORDER BY deleted_at LIMIT 100'

// From here on it cannot be restored.
const START = `UPDATE organisations SET purge_started_at = coalesce(purge_started_at, $3::timestamptz)
WHERE id = $1::uuid AND deleted_at < $2::timestamptz`

/** Every table with rows of organisations, partitions by themselves, and the tables that each refers to. */
const TABLES = `
SELECT c.oid::regclass::text AS name, pg_relation_size(c.oid)::bigint / current_setting('block_size')::int AS blocks,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid)
    AS indexed,
  ARRAY(SELECT DISTINCT k.confrelid::regclass::text FROM pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS parents
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id' AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
ORDER BY c.relname`

const deleteIndexed = (table: string) => `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM ${table} WHERE organisation_id = $1::uuid LIMIT $2))`
/** A table without an index on the organisation is read once from its beginning to its end, in ranges of blocks. */
const deleteInBlocks = (table: string) => `DELETE FROM ${table}
WHERE organisation_id = $1::uuid AND ctid >= format('(%s,0)', $2::bigint)::tid AND ctid < format('(%s,0)', $3::bigint)::tid`

const DELETE_ORGANISATION = 'DELETE FROM organisations WHERE id = $1::uuid AND purge_started_at IS NOT NULL'
const FIND_OPERATOR = 'SELECT id FROM organisations WHERE is_operator'

const BATCH_SIZE = 500
const BLOCKS_PER_STATEMENT = 128
/** Rows that were written meanwhile need another pass. */
const MAX_PASSES = 5

interface Table {
  name: string
  /** As `pg` returns a bigint. */
  blocks: string
  indexed: boolean
  parents: string[]
}

/**
 * Deletes every row of the organisations that were deleted thirty days ago, in short statements, and at last the
 * organisation itself. The tables are found in the catalogue of PostgreSQL, so that a new table is purged as well. A purge
 * that was interrupted goes on with the next call.
 */
export function createOrganisationPurge(pool: Pool): (now: Date) => Promise<void> {
  async function deleteRows({ name, blocks, indexed }: Table, id: string): Promise<number> {
    let deleted = 0
    if (indexed) {
      for (;;) {
        const { rowCount } = await pool.query(deleteIndexed(name), [id, BATCH_SIZE])
        deleted += rowCount ?? 0
        if ((rowCount ?? 0) < BATCH_SIZE) return deleted
      }
    }
    for (let block = 0; block <= Number(blocks); block += BLOCKS_PER_STATEMENT) {
      const { rowCount } = await pool.query(deleteInBlocks(name), [id, block, block + BLOCKS_PER_STATEMENT])
      deleted += rowCount ?? 0
    }
    return deleted
  }

  async function purge({ id, slug }: { id: string; slug: string }, now: Date): Promise<void> {
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const { rows: tables } = await pool.query<Table>(TABLES)
      let deleted = 0
      for (const table of childrenFirst(tables)) deleted += await deleteRows(table, id)
      if (deleted === 0) break
    }
    await inTransaction(pool, async (connection) => {
      const { rowCount } = await connection.query(DELETE_ORGANISATION, [id])
      if (rowCount === 0) return
      const operator = await connection.query<{ id: string }>(FIND_OPERATOR)
      await recordAuditEvent(connection, purgeEvent({ id, slug }, operator.rows[0]?.id, now))
    })
  }

  let running = false
  return async (now) => {
    if (running) return
    running = true
    try {
      const cutoff = addSeconds(now, -DELETED_ORGANISATION_RETENTION_SECONDS)
      const { rows } = await pool.query<{ id: string; slug: string }>(FIND_DUE, [cutoff])
      const failures: unknown[] = []
      for (const organisation of rows) {
        const { rowCount } = await pool.query(START, [organisation.id, cutoff, now])
        // One that cannot be purged does not keep the others.
        if (rowCount === 1) await purge(organisation, now).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw new AggregateError(failures, 'Organisations were not purged.')
    } finally {
      running = false
    }
  }
}

/** The tables in an order in which each comes before those that it refers to. */
function childrenFirst(tables: readonly Table[]): Table[] {
  const ordered: Table[] = []
  const waiting = [...tables]
  while (waiting.length > 0) {
    const free = waiting.findIndex(
      ({ name }) => !waiting.some((other) => other.name !== name && other.parents.includes(name)),
    )
    // Tables that refer to one another in a circle are taken as they come.
    ordered.push(...waiting.splice(Math.max(free, 0), 1))
  }
  return ordered
}

function purgeEvent({ id, slug }: { id: string; slug: string }, operatorId: string | undefined, now: Date): AuditEvent {
  const type = 'organisation.purged'
  return {
    id: uuidv7(now),
    occurredAt: now,
    type,
    ...auditEventTypes[type],
    success: true,
    organisationId: operatorId,
    userId: undefined,
    clientId: undefined,
    resource: { type: 'organisation', id },
    requestMetadata: { ipAddress: '', userAgent: undefined, requestId: '' },
    metadata: { slug },
    changes: undefined,
  }
}
