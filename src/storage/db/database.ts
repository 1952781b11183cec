// `storage/db` owns the PostgreSQL connection pools, migrations, the change poller and the retention sweep.
// The hot pool runs the statements that most requests wait for; the other one runs Prisma, lists, sweeps and
// administration. Tables and their statements belong to the neighbouring folders.

import { PrismaPg } from '@prisma/adapter-pg'
import { Pool, type Client, type ClientConfig } from 'pg'
import { PrismaClient } from '../generated/client.ts'
import { connectionConfig, PinnedClient, type Connection } from './connection/connection.ts'

export type Database = Awaited<ReturnType<typeof connectDatabase>>

export interface DatabaseOptions {
  connection: Connection
  /** Maximum number of connections of both pools together, at least 2. */
  poolSize: number
  /** Milliseconds after which PostgreSQL cancels a statement. */
  statementTimeoutMs?: number
  /** Called with errors of idle connections; never fatal. */
  onError: (error: Error) => void
}

/**
 * Planner settings of the hot pool. Its statements are prepared and find rows by keys that arrive as arrays. These
 * settings fix one generic plan in written order: nested loops over unique indexes. PostgreSQL would otherwise plan each
 * execution anew, or choose sequential scans and hash joins from statistics of tables that were small. JIT compilation
 * costs more than it saves here. `test/contract/query-plans.test.ts` pins the plans.
 */
const HOT_PLANNER_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  join_collapse_limit: '1',
  random_page_cost: '1.1',
  enable_indexscan: 'on',
  enable_nestloop: 'on',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_memoize: 'off',
  jit: 'off',
}

/** With the default time limit of a statement, a request waits below 5 seconds for PostgreSQL before it gets 503. */
const CONNECTION_WAIT_MS = 1_800
const DEFAULT_STATEMENT_TIMEOUT_MS = 2_500
/** A lock is waited for in this part of the time, because a second statement may wait for the same lock. */
const LOCK_TIMEOUT_SHARE = 0.6
/** PostgreSQL ends a statement itself. Later than this after its limit, its answer is lost. */
const LOST_ANSWER_DELAY_MS = 500

/** Opens both pools. */
export function connectDatabase({
  connection,
  poolSize,
  statementTimeoutMs = DEFAULT_STATEMENT_TIMEOUT_MS,
  onError,
}: DatabaseOptions) {
  let sentStatements = 0
  class CountingClient extends PinnedClient {
    override query(...input: never[]): never {
      sentStatements += 1
      return super.query<never>(...(input as unknown as [never]))
    }
  }
  let closing = false
  const openPool = (max: number, options: ClientConfig) => {
    const opened = new Pool({
      ...options,
      Client: CountingClient as unknown as typeof Client,
      max,
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: CONNECTION_WAIT_MS,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + LOST_ANSWER_DELAY_MS,
    })
    // PostgreSQL itself closes some connections while the pool is closing.
    opened.on('error', (error) => closing || onError(error))
    return opened
  }
  const generalSize = Math.max(1, Math.floor(poolSize / 2))
  const limits = { lock_timeout: `${Math.round(statementTimeoutMs * LOCK_TIMEOUT_SHARE)}ms` }
  const hotSettings = connectionConfig(connection, { ...HOT_PLANNER_SETTINGS, ...limits })
  const hotPool = openPool(Math.max(1, poolSize - generalSize), hotSettings)
  const settings = connectionConfig(connection)
  const pool = openPool(generalSize, connectionConfig(connection, limits))
  let prisma: PrismaClient | undefined
  return {
    hotPool,
    pool,
    prisma: constructAtFirstUse(
      () => (prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' })),
    ),
    settings,
    /** Statements sent so far over both pools. */
    statementCount: () => sentStatements,
    /** Calls that wait for a connection of either pool. */
    waitingCount: () => hotPool.waitingCount + pool.waitingCount,
    async close(): Promise<void> {
      closing = true
      await prisma?.$disconnect()
      await Promise.all([hotPool, pool].filter(({ ended }) => !ended).map((open) => open.end()))
    },
  }
}

/**
 * Stands for an object that is constructed when a member of it is first read. Prisma's client and its query compiler take
 * 40 MB of memory, and a process that serves protocol endpoints only needs neither.
 */
function constructAtFirstUse<Instance extends object>(construct: () => Instance): Instance {
  let instance: Instance | undefined
  return new Proxy({} as Instance, {
    get: (_target, name) => Reflect.get((instance ??= construct()), name) as unknown,
  })
}
