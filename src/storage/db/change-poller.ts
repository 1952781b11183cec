import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientConfig } from 'pg'
import { monotonicNow } from '../../lib/time/clock.ts'
import { takeTimeReading, type TimeReading } from '../../lib/time/database-clock.ts'
import { PinnedClient } from './connection/connection.ts'

/** Reads the changes of other processes to rows that this one caches. */
export interface ChangePoller {
  /** While false, changes may be missed, and cached data must not be used. True for at most `TRUST_MS` after a read. */
  isCurrent(): boolean
  close(): Promise<void>
}

export interface ChangeHandlers {
  /** What changed: `clients:<id>`, or a table. */
  onChange: (subject: string) => void
  /** Anything may have changed: after the first read, and after changes that could not be read. */
  onReset: () => void
  /** Each read returns the database's time as well. */
  onTime: (reading: TimeReading) => void
}

const POLL_INTERVAL_MS = 250
/** A change takes effect within this time even if the connection fails silently the moment before. */
const TRUST_MS = 1_000
/** A connection that does not answer within this time is replaced. Longer than the trust, because a busy process is slow. */
const READ_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 2_000
const CLOSE_TIMEOUT_MS = 500
/** More changes than this since the last read are answered by a reset. */
const MAX_CHANGES = 1_000

// A change is new if its transaction was not visible in the snapshot of the last read. Its transaction identifier alone does
// not tell: a transaction may begin before that read and commit after it. A snapshot that is older than the last one belongs
// to another database server.
const POLL = `
SELECT pg_current_snapshot()::text AS snapshot, extract(epoch FROM clock_timestamp())::float8 * 1000 AS time,
  coalesce(pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax($1::pg_snapshot), true) AS is_reset,
  ARRAY(
    SELECT DISTINCT subject FROM cache_invalidations
    WHERE transaction_id >= pg_snapshot_xmin($1::pg_snapshot)
      AND NOT pg_visible_in_snapshot(transaction_id, $1::pg_snapshot)
    LIMIT ${MAX_CHANGES + 1}
  ) AS subjects`

interface PollRow {
  snapshot: string
  time: number
  is_reset: boolean
  subjects: string[]
}

/**
 * Polls on a connection of its own, so that requests do not delay it, and connects again when it is lost. Resolves after
 * the first attempt, whether or not it succeeded.
 */
export async function openChangePoller(settings: ClientConfig, handlers: ChangeHandlers): Promise<ChangePoller> {
  let trustedUntil = -Infinity
  let lastSnapshot: string | null = null
  let client: Client | undefined
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<Client> {
    const opened = new PinnedClient({
      ...settings,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: READ_TIMEOUT_MS,
      application_name: `${settings.application_name ?? 'cerberus'}-changes`,
    })
    client = opened
    const handleDisconnect = () => {
      if (client === opened) void disconnect()
    }
    opened.on('error', handleDisconnect)
    opened.on('end', handleDisconnect)
    await opened.connect()
    return opened
  }

  function disconnect(): Promise<void> {
    const lost = client
    client = undefined
    trustedUntil = -Infinity
    lastSnapshot = null
    return lost?.end().catch(() => undefined) ?? Promise.resolve()
  }

  async function read(): Promise<void> {
    const connection = client ?? (await connect())
    let row: PollRow | undefined
    const reading = await takeTimeReading(async () => {
      const { rows } = await connection.query<PollRow>({ name: 'poll-changes', text: POLL, values: [lastSnapshot] })
      row = rows[0]
      return row?.time ?? NaN
    })
    if (!row || client !== connection) return
    handlers.onTime(reading)
    if (row.is_reset || row.subjects.length > MAX_CHANGES) handlers.onReset()
    else for (const subject of row.subjects) handlers.onChange(subject)
    lastSnapshot = row.snapshot
    trustedUntil = reading.sentAt + TRUST_MS
  }

  async function poll(): Promise<void> {
    await read().catch(() => void disconnect())
    if (!closed) timer = setTimeout(() => void poll(), POLL_INTERVAL_MS).unref()
  }

  await poll()
  return {
    isCurrent: () => monotonicNow() < trustedUntil,
    async close() {
      closed = true
      clearTimeout(timer)
      // A connection that is silent does not confirm its end.
      await Promise.race([disconnect(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
    },
  }
}
