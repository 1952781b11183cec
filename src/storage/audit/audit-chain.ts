import type { Pool, PoolClient } from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import {
  CHAIN_BATCH_SIZE,
  type AuditChainRepository,
  type ChainBlock,
  type Checkpoint,
} from '../../model/audit/audit-chain.ts'
import { CHAIN_START, hashEvent, nextChainHash, type HashedEvent } from '../../model/audit/event-hash.ts'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { inTransaction } from '../db/transaction.ts'
import { storedEventColumns } from './audit-event-row.ts'
import { lowestIdAt, timeOfId } from './event-id.ts'
import { ACTIVE_TRANSACTIONS } from './oldest-transaction.ts'

// A transaction may commit an event that is older than this.
const OLDEST_TRANSACTION = `
SELECT coalesce(extract(epoch FROM now() - min(xact_start)), 0)::float8 AS age ${ACTIVE_TRANSACTIONS}`

const FIND_POSITION = 'SELECT event_id AS "eventId" FROM audit_chain_position WHERE id = 1'
const SET_POSITION = `INSERT INTO audit_chain_position (id, event_id) VALUES (1, $1)
ON CONFLICT (id) DO UPDATE SET event_id = greatest(audit_chain_position.event_id, excluded.event_id)`

const FIND_EVENTS = `
WITH chained AS MATERIALIZED (SELECT unnest(event_ids) AS id FROM audit_chain_blocks WHERE last_event_id > $1::uuid)
SELECT ${storedEventColumns} FROM audit_events e
WHERE e.id > $1::uuid AND e.id < $2::uuid AND e.organisation_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM chained c WHERE c.id = e.id)
ORDER BY e.id LIMIT ${CHAIN_BATCH_SIZE}`

// The last checkpoint stands for a chain whose blocks are older than events are kept.
const FIND_HEADS = `
SELECT i.id, coalesce(b.last_sequence, c.sequence, 0)::int8 AS sequence, coalesce(b.hash, c.hash) AS hash
FROM unnest($1::uuid[]) AS i(id)
LEFT JOIN LATERAL (SELECT last_sequence, hash FROM audit_chain_blocks
  WHERE organisation_id = i.id ORDER BY first_sequence DESC LIMIT 1) AS b ON true
LEFT JOIN LATERAL (SELECT sequence, hash FROM audit_checkpoints
  WHERE organisation_id = i.id ORDER BY sequence DESC LIMIT 1) AS c ON true`

const INSERT_BLOCK = `INSERT INTO audit_chain_blocks (organisation_id, first_sequence, last_sequence, first_occurred_at,
  last_occurred_at, last_event_id, event_ids, event_hashes, changes_hashes, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7::uuid[], $8, $9::jsonb, $10, $11)`

const MAX_UNSIGNED = 200
const LIST_UNSIGNED = `
SELECT o.id AS "organisationId", b.last_sequence AS sequence, b.hash FROM organisations o
JOIN LATERAL (SELECT last_sequence, hash FROM audit_chain_blocks
  WHERE organisation_id = o.id ORDER BY first_sequence DESC LIMIT 1) AS b ON true
LEFT JOIN LATERAL (SELECT sequence, created_at FROM audit_checkpoints
  WHERE organisation_id = o.id ORDER BY sequence DESC LIMIT 1) AS c ON true
WHERE c.sequence IS NULL OR (c.sequence < b.last_sequence AND c.created_at <= $1::timestamptz) LIMIT ${MAX_UNSIGNED}`

const ADD_CHECKPOINT = `INSERT INTO audit_checkpoints (organisation_id, sequence, hash, jws, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

const FIND_BLOCK = `
SELECT first_sequence, last_sequence, first_occurred_at, last_occurred_at, event_ids, event_hashes, changes_hashes,
  previous_hash, hash,
  (SELECT last_occurred_at FROM audit_chain_blocks p WHERE p.organisation_id = b.organisation_id
    AND p.first_sequence < b.first_sequence ORDER BY p.first_sequence DESC LIMIT 1) AS previous_end,
  NOT EXISTS (SELECT FROM audit_chain_blocks n WHERE n.organisation_id = b.organisation_id
    AND n.first_sequence > b.first_sequence) AS is_last
FROM audit_chain_blocks b WHERE organisation_id = $1::uuid AND first_sequence > $2 ORDER BY first_sequence LIMIT 1`
const FIND_BY_ID = `SELECT ${storedEventColumns} FROM audit_events e WHERE e.organisation_id = $1::uuid AND e.id = ANY ($2::uuid[])`
const FIND_UNCHAINED = `SELECT ${storedEventColumns} FROM audit_events e
WHERE e.organisation_id = $1::uuid AND e.occurred_at > $2::timestamptz AND e.occurred_at <= $3::timestamptz
  AND NOT e.id = ANY (ARRAY(SELECT unnest(b.event_ids) FROM audit_chain_blocks b WHERE b.organisation_id = $1::uuid
    AND b.last_occurred_at >= $2::timestamptz AND b.first_occurred_at <= $3::timestamptz))
ORDER BY e.occurred_at, e.id LIMIT 1000`
const FIND_CHECKPOINTS = `SELECT organisation_id AS "organisationId", sequence, hash, jws, created_at AS "createdAt"
FROM audit_checkpoints WHERE organisation_id = $1::uuid AND sequence >= $2 AND ($3::int8 IS NULL OR sequence <= $3)
ORDER BY sequence`

/** Later than any statement of ours takes to commit the event that it was given. */
const SETTLING_SECONDS = 10
/** Events that were committed later than expected are still found for this time. */
const LATENESS_SECONDS = 120
const FIRST_RUN_SECONDS = 86_400
const BLOCK_SIZE = 1_000
/** An id tells its time. An event with another time was not written by the server. */
const MAX_TIME_DIFFERENCE_MS = 300_000

interface BlockRow {
  first_sequence: string
  last_sequence: string
  first_occurred_at: Date
  last_occurred_at: Date
  event_ids: string[]
  event_hashes: Buffer
  changes_hashes: Record<string, string>
  previous_hash: Buffer
  hash: Buffer
  previous_end: Date | null
  is_last: boolean
}

interface Head {
  sequence: number
  hash: Uint8Array
}

export function createAuditChainRepository(pool: Pool): AuditChainRepository {
  return {
    append: (now) =>
      inTransaction(pool, async (connection) => {
        const lock = await connection.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
          advisoryLocks.auditChain,
        ])
        if (!lock.rows[0]?.taken) return 0
        const oldest = await connection.query<{ age: number }>(OLDEST_TRANSACTION)
        const until = addSeconds(now, -(oldest.rows[0]?.age ?? 0) - SETTLING_SECONDS)
        const found = await connection.query<{ eventId: string }>(FIND_POSITION)
        const start = found.rows[0] ? timeOfId(found.rows[0].eventId) : addSeconds(until, -FIRST_RUN_SECONDS)
        const end = lowestIdAt(until)
        const window = [lowestIdAt(addSeconds(start, -LATENESS_SECONDS)), end]
        const { rows } = await connection.query<HashedEvent>(FIND_EVENTS, window)
        await appendBlocks(connection, rows.filter(isTimely))
        await connection.query(SET_POSITION, [rows.length === CHAIN_BATCH_SIZE ? rows.at(-1)?.id : end])
        return rows.length
      }),

    async listUnsigned(since) {
      const { rows } = await pool.query<{ organisationId: string; sequence: string; hash: Buffer }>(LIST_UNSIGNED, [
        since,
      ])
      return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }))
    },

    async addCheckpoint({ organisationId, sequence, hash, jws, createdAt }) {
      await pool.query(ADD_CHECKPOINT, [organisationId, sequence, hash, jws, createdAt])
    },

    async readBlock(organisationId, after) {
      const [row] = (await pool.query<BlockRow>(FIND_BLOCK, [organisationId, after])).rows
      return row && completeBlock(pool, organisationId, row)
    },

    async findLastCheckpoint(organisationId) {
      return (await findCheckpoints(pool, organisationId, 1, null)).at(-1)
    },
  }
}

const isTimely = ({ id, occurredAt }: HashedEvent) =>
  Math.abs(timeOfId(id).getTime() - occurredAt.getTime()) <= MAX_TIME_DIFFERENCE_MS

async function appendBlocks(connection: PoolClient, events: readonly HashedEvent[]): Promise<void> {
  const byOrganisation = new Map<string, HashedEvent[]>()
  for (const event of events) {
    const own = byOrganisation.get(event.organisationId)
    if (own) own.push(event)
    else byOrganisation.set(event.organisationId, [event])
  }
  const ids = [...byOrganisation.keys()]
  if (ids.length === 0) return
  const heads = new Map<string, Head>()
  const { rows } = await connection.query<{ id: string; sequence: string; hash: Buffer | null }>(FIND_HEADS, [ids])
  for (const { id, sequence, hash } of rows) heads.set(id, { sequence: Number(sequence), hash: hash ?? CHAIN_START })
  for (const [id, own] of byOrganisation) {
    let head = heads.get(id) ?? { sequence: 0, hash: CHAIN_START }
    for (let first = 0; first < own.length; first += BLOCK_SIZE) {
      head = await insertBlock(connection, head, own.slice(first, first + BLOCK_SIZE))
    }
  }
}

async function insertBlock(connection: PoolClient, head: Head, events: readonly HashedEvent[]): Promise<Head> {
  const hashes = events.map(hashEvent)
  const changesHashes = events.flatMap(({ id }, index) => {
    const changesHash = hashes[index]?.changesHash
    return changesHash ? [[id, changesHash.toString('hex')]] : []
  })
  const times = events.map(({ occurredAt }) => occurredAt.getTime())
  const hash = hashes.reduce<Uint8Array>((previous, next) => nextChainHash(previous, next.hash), head.hash)
  const sequence = head.sequence + events.length
  await connection.query(INSERT_BLOCK, [
    events[0]?.organisationId,
    head.sequence + 1,
    sequence,
    new Date(Math.min(...times)),
    new Date(Math.max(...times)),
    events
      .map(({ id }) => id)
      .toSorted()
      .at(-1),
    events.map(({ id }) => id),
    Buffer.concat(hashes.map((hashed) => hashed.hash)),
    JSON.stringify(Object.fromEntries(changesHashes)),
    head.hash,
    hash,
  ])
  return { sequence, hash }
}

async function completeBlock(pool: Pool, organisationId: string, row: BlockRow): Promise<ChainBlock> {
  const found = await pool.query<HashedEvent>(FIND_BY_ID, [organisationId, row.event_ids])
  const events = new Map(found.rows.map((event) => [event.id, event]))
  const [firstSequence, lastSequence] = [Number(row.first_sequence), Number(row.last_sequence)]
  return {
    firstSequence,
    lastSequence,
    lastOccurredAt: row.last_occurred_at,
    previousHash: row.previous_hash,
    hash: row.hash,
    events: row.event_ids.map((id, index) => ({
      sequence: firstSequence + index,
      id,
      hash: row.event_hashes.subarray(index * 32, index * 32 + 32),
      changesHash: row.changes_hashes[id],
      event: events.get(id),
    })),
    unchained: await findUnchained(pool, organisationId, row),
    checkpoints: await findCheckpoints(pool, organisationId, firstSequence, row.is_last ? null : lastSequence),
  }
}

/** Blocks that are older than events are kept are gone: what overlaps the first one that is left is not judged. */
async function findUnchained(pool: Pool, organisationId: string, row: BlockRow): Promise<HashedEvent[]> {
  const isFirstLeft = row.previous_end === null && row.first_sequence !== '1'
  const from = row.previous_end ?? addSeconds(row.first_occurred_at, isFirstLeft ? LATENESS_SECONDS : -0.001)
  const position = row.is_last ? (await pool.query<{ eventId: string }>(FIND_POSITION)).rows[0] : undefined
  const to = position ? addSeconds(timeOfId(position.eventId), -LATENESS_SECONDS) : row.last_occurred_at
  const end = to > row.last_occurred_at ? to : row.last_occurred_at
  return (await pool.query<HashedEvent>(FIND_UNCHAINED, [organisationId, from, end])).rows
}

async function findCheckpoints(
  pool: Pool,
  organisationId: string,
  from: number,
  to: number | null,
): Promise<Checkpoint[]> {
  const { rows } = await pool.query<Omit<Checkpoint, 'sequence'> & { sequence: string }>(FIND_CHECKPOINTS, [
    organisationId,
    from,
    to,
  ])
  return rows.map((checkpoint) => ({ ...checkpoint, sequence: Number(checkpoint.sequence) }))
}
