import { monotonicNow, type Clock } from './clock.ts'

/** A process whose machine is further away from the database's time than this neither starts nor deletes anything. */
export const MAX_CLOCK_SKEW_SECONDS = 60

/** The database's time, read by one statement. `sentAt` and `receivedAt` are milliseconds of the monotonic clock. */
export interface TimeReading {
  sentAt: number
  receivedAt: number
  /** Milliseconds since 1970, at some moment between the two. */
  databaseTime: number
}

/** The database's clock, carried forward between readings, so that all processes agree without asking for the time. */
export interface DatabaseClock extends Clock {
  observe(reading: TimeReading): void
  /** Seconds by which the machine's clock is ahead of the database's, or behind it if negative; undefined if tolerable. */
  excessiveSkewSeconds(): number | undefined
  /**
   * The latest time that the database itself reported: rows that expired before it may be deleted. Undefined while the
   * skew is excessive, or when the last reading is old.
   */
  sweepTime(): Date | undefined
}

export interface DatabaseClockOptions {
  /** The machine's clock, in milliseconds since 1970. */
  wallClock?: () => number
  /** Milliseconds that grow evenly, whatever happens to the machine's clock. */
  monotonicClock?: () => number
  /** Called when the skew becomes excessive, and with undefined when it is tolerable again. */
  onSkewChange?: (seconds: number | undefined) => void
}

/** How far two clocks drift apart at most: each may be slewed by 0.05 %. */
const MAX_DRIFT = 0.001
const MAX_READING_AGE_MS = 10_000
const MAX_SKEW_MS = MAX_CLOCK_SKEW_SECONDS * 1000

/**
 * Each reading proves that the offset between the monotonic clock and the database's lies in an interval as wide as the
 * round trip. The clock keeps the intersection of these intervals, widened by the possible drift, and uses its middle. Slow
 * readings therefore do no harm, and a database that moved to a host with another time is followed at the next reading.
 * A jump beyond `MAX_CLOCK_SKEW_SECONDS` is not followed if both clocks of the machine contradict it.
 */
export function createDatabaseClock(
  first: TimeReading,
  { wallClock = Date.now, monotonicClock = monotonicNow, onSkewChange = () => undefined }: DatabaseClockOptions = {},
): DatabaseClock {
  let interval = toInterval(first)
  let latest = first
  let excessiveSkewMs: number | undefined
  const offset = () => (interval.low + interval.high) / 2

  function updateSkew(skewMs: number): void {
    const wasExcessive = excessiveSkewMs !== undefined
    excessiveSkewMs = Math.abs(skewMs) > MAX_SKEW_MS ? skewMs : undefined
    if (wasExcessive !== (excessiveSkewMs !== undefined)) onSkewChange(toSeconds(excessiveSkewMs))
  }

  function observe(reading: TimeReading): void {
    const measured = toInterval(reading)
    const middle = (measured.low + measured.high) / 2
    const wallOffset = wallClock() - monotonicClock()
    const skewMs = wallOffset - middle
    const isFar = (other: number) => Math.abs(other - middle) > MAX_SKEW_MS
    const machineAgreesWithItself = Math.abs(wallOffset - offset()) <= MAX_SKEW_MS
    if (!(isFar(offset()) && isFar(wallOffset) && machineAgreesWithItself)) {
      const drift = Math.max(0, reading.receivedAt - latest.receivedAt) * MAX_DRIFT
      const low = Math.max(interval.low - drift, measured.low)
      const high = Math.min(interval.high + drift, measured.high)
      interval = low <= high ? { low, high } : measured
    }
    latest = reading
    updateSkew(skewMs)
  }

  observe(first)
  return {
    now: () => new Date(monotonicClock() + offset()),
    observe,
    excessiveSkewSeconds: () => toSeconds(excessiveSkewMs),
    sweepTime() {
      const isOld = monotonicClock() - latest.receivedAt > MAX_READING_AGE_MS
      return excessiveSkewMs !== undefined || isOld ? undefined : new Date(latest.databaseTime)
    },
  }
}

/** Reads the database's time with `readTime`, which returns milliseconds since 1970. */
export async function takeTimeReading(
  readTime: () => Promise<number>,
  monotonicClock: () => number = monotonicNow,
): Promise<TimeReading> {
  const sentAt = monotonicClock()
  const databaseTime = await readTime()
  return { sentAt, databaseTime, receivedAt: monotonicClock() }
}

/** The offsets between the monotonic clock and the database's that a reading allows. */
function toInterval({ sentAt, receivedAt, databaseTime }: TimeReading): { low: number; high: number } {
  return { low: databaseTime - receivedAt, high: databaseTime - sentAt }
}

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms / 1000)
}
