// `lib/time` holds the clock that other folders receive, the database's time, and delayed work.

/** The source of the current time. Tests replace it by one that they set. */
export interface Clock {
  now(): Date
  /** Seconds by which the machine's clock differs from this one, if that is more than the server tolerates. */
  excessiveSkewSeconds?(): number | undefined
}

export const systemClock: Clock = { now: () => new Date() }

/** Milliseconds that only grow, from an arbitrary start. They do not follow the wall clock. */
export const monotonicNow = (): number => performance.now()

/** The instant `seconds` after `instant` (before it, when negative). */
export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}

/** Whole seconds since 1970: NumericDate of RFC 7519 §2. */
export function epochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
