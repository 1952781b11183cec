import {
  createDatabaseClock,
  MAX_CLOCK_SKEW_SECONDS,
  takeTimeReading,
  type DatabaseClock,
  type DatabaseClockOptions,
} from '../../lib/time/database-clock.ts'
import { readDatabaseTime } from '../../storage/db/database-time.ts'
import type { Database } from '../../storage/db/database.ts'
import type { Logger } from '../logger.ts'
import { StartupError } from './startup-error.ts'

/** The first reading waits for the connection. The fastest of these determines the accuracy. */
const INITIAL_READINGS = 5

/**
 * Measures the database's clock, which the process uses from then on. Throws `StartupError` when the machine's clock is more
 * than a minute away from it. A skew that becomes as large later is logged.
 */
export async function openClock(
  { pool }: Pick<Database, 'pool'>,
  log: Pick<Logger, 'error' | 'info'>,
  machine: Pick<DatabaseClockOptions, 'wallClock' | 'monotonicClock'> = {},
): Promise<DatabaseClock> {
  const read = () => takeTimeReading(() => readDatabaseTime(pool), machine.monotonicClock)
  let started = false
  const clock = createDatabaseClock(await read(), {
    ...machine,
    onSkewChange: (seconds) => started && logSkew(seconds, log),
  })
  for (let reading = 1; reading < INITIAL_READINGS; reading += 1) clock.observe(await read())
  const skew = clock.excessiveSkewSeconds()
  if (skew !== undefined) {
    throw new StartupError(
      `The clock of this machine is ${Math.abs(skew)} seconds ${skew > 0 ? 'ahead of' : 'behind'} the clock of the database. ` +
        `At most ${MAX_CLOCK_SKEW_SECONDS} are allowed. Synchronise both clocks, for example with NTP, and start again.`,
    )
  }
  started = true
  return clock
}

function logSkew(seconds: number | undefined, log: Pick<Logger, 'error' | 'info'>): void {
  if (seconds === undefined) return log.info('the clocks of this machine and of the database agree again')
  log.error(
    { skewSeconds: seconds, maxSkewSeconds: MAX_CLOCK_SKEW_SECONDS },
    'the clocks of this machine and of the database differ: the process is not ready, and deletes no expired rows',
  )
}
