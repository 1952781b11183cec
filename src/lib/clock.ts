// `lib` owns small modules without any knowledge of OAuth. It is the only place that reads the wall clock and generates
// random bytes: all other code receives a `Clock` and calls `random`.

/** The source of the current time. Tests use one that they can set. */
export interface Clock {
  /** The current instant. */
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** The instant `seconds` after `instant` (before it, when negative). */
export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}

/** Whole seconds since 1970, as JWT's NumericDate wants them (RFC 7519 §2). */
export function epochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
