// `lib` holds small modules that have never heard of OAuth. It is also the only place that reads the wall clock and
// draws random bytes: everything else is handed a `Clock` and asks `random`.

/** Where the current time comes from. Tests hand in one that they can turn. */
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
