import type { Clock } from '../../src/lib/time/clock.ts'
import type { DatabaseClock } from '../../src/lib/time/database-clock.ts'
import type { Logger } from '../../src/server/logger.ts'
import { openClock } from '../../src/server/startup/open-clock.ts'
import { connectDatabase } from '../../src/storage/db/database.ts'

/** A clock that stands still until it is turned. */
export interface TestClock extends Clock {
  advance(seconds: number): void
}

export function createTestClock(start: Date = new Date()): TestClock {
  let now = start.getTime()
  return {
    now: () => new Date(now),
    advance(seconds) {
      now += seconds * 1000
    },
  }
}

/** The clock of a process as it is in production, on a machine whose own clock `advance` turns. */
export type MachineClock = TestClock & DatabaseClock

/** Rejects like the start of a process when the machine's clock is too far from the database's. */
export async function openMachineClock(
  connectionString: string,
  { aheadSeconds = 0, log = SILENT }: { aheadSeconds?: number; log?: Pick<Logger, 'error' | 'info'> } = {},
): Promise<MachineClock> {
  let aheadMs = aheadSeconds * 1000
  const database = connectDatabase({ connection: connectionString, poolSize: 2, onError: () => {} })
  try {
    const clock = await openClock(database, log, { wallClock: () => Date.now() + aheadMs })
    return {
      ...clock,
      advance(seconds) {
        aheadMs += seconds * 1000
      },
    }
  } finally {
    await database.close()
  }
}

const SILENT = { error: () => {}, info: () => {} }
