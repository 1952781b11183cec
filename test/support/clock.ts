import type { Clock } from '../../src/lib/clock.ts'

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
