// `storage/db` owns the PostgreSQL connection pool, migrations, the notify listener and the retention sweep.
// Prisma and the hand-written statements use the same pool.
// Tables and their statements belong to the neighbouring folders.

import { PrismaPg } from '@prisma/adapter-pg'
import { Client, Pool, type ClientConfig } from 'pg'
import { PrismaClient } from '../generated/client.ts'

export type Database = Awaited<ReturnType<typeof connectDatabase>>

/** Where PostgreSQL is: a URL, or the parts that the embedded server hands out. */
export type Connection = string | { host: string; port?: number; user: string; password: string; database: string }

export interface DatabaseOptions {
  connection: Connection
  /** At most so many connections. */
  poolSize: number
  /** Called with what PostgreSQL says about idle connections; never fatal. */
  onError: (error: Error) => void
}

/**
 * How statements are planned. The hot ones are prepared, and look rows up by keys that they are given as arrays. Planned
 * once, in the order in which they are written, row by row and by indexes, they cost a fraction of what PostgreSQL would
 * rather do: plan them anew for arrays of one, or read whole tables that were small when it last looked and are so no
 * more. What it takes for dear is not worth compiling either. `test/contract/query-plans.test.ts` has the plans.
 */
const PLANNER_OPTIONS = [
  'plan_cache_mode=force_generic_plan',
  'join_collapse_limit=1',
  'random_page_cost=1.1',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_memoize=off',
  'jit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

/**
 * Opens the pool. Time limits are such that a request fails within seconds, not minutes, when PostgreSQL is slow or gone.
 */
export function connectDatabase({ connection, poolSize, onError }: DatabaseOptions) {
  const settings = connectionSettings(connection)
  let sentStatements = 0
  class CountingClient extends Client {
    override query(...input: never[]): never {
      sentStatements += 1
      return super.query<never>(...(input as unknown as [never]))
    }
  }
  const pool = new Pool({
    options: PLANNER_OPTIONS,
    ...settings,
    Client: CountingClient as unknown as typeof Client,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 15_000,
    query_timeout: 20_000,
    keepAlive: true,
    application_name: 'cerberus',
  })
  let closing = false
  // While the pool is closing, connections go one after another, some of them by the server's hand.
  pool.on('error', (error) => closing || onError(error))
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' })
  return {
    pool,
    prisma,
    settings,
    /** How many statements were sent so far. */
    statementCount: () => sentStatements,
    async close(): Promise<void> {
      closing = true
      await prisma.$disconnect()
      if (!pool.ended) await pool.end()
    },
  }
}

/** The same, as `pg` wants it. */
export function connectionSettings(connection: Connection): ClientConfig {
  return typeof connection === 'string' ? { connectionString: connection } : { ...connection }
}
