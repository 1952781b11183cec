import type { Clock } from './clock.ts'

/** Requests admitted regardless of rate; above this, at most `TARGET_QUEUE_MS` of work may queue. */
const MIN_CAPACITY = 1_024
const TARGET_QUEUE_MS = 500
/** Overload starts when more than this amount of work was queued for `OVERLOAD_AFTER_MS`. */
const OVERLOAD_QUEUE_MS = 1_500
const OVERLOAD_AFTER_MS = 1_000
/** Limit during overload, or the work of `RECOVERY_QUEUE_MS` if larger; overload ends at half of the limit. */
const MIN_OVERLOADED_CAPACITY = 256
const RECOVERY_QUEUE_MS = 1_000
/** Interval at which the rate is measured, and the window over which it is smoothed. */
const SAMPLE_INTERVAL_MS = 100
const SMOOTHING_WINDOW_MS = 500

/** Tracks work in progress and decides whether more may start. */
export interface LoadShedder {
  start(work: object): void
  /** Work that was not started, or has already finished, is ignored. */
  finish(work: object): void
  /** Whether the work in progress and the `queued` requests will take too long for another request. */
  isOverloaded(queued?: number): boolean
  /** Number of requests in progress, and requests completed per second. */
  stats(): { inFlight: number; completedPerSecond: number }
}

/**
 * Little's law as a rule: what is under way, divided by how many end in a time, is how long the next one waits. A crowd
 * alone makes no backlog, since many connections that each wait for their answer wait long by nature; nor does what is
 * slow for itself, while there is little of it.
 */
export function createLoadShedder(clock: Clock): LoadShedder {
  const inFlight = new Set<object>()
  let sampledAt = clock.now().getTime()
  let completed = 0
  /** Ends in a millisecond. */
  let completionsPerMs = 0
  let slowSince: number | undefined
  let overloaded = false

  function sample(): void {
    const now = clock.now().getTime()
    const elapsed = now - sampledAt
    if (elapsed >= 0 && elapsed < SAMPLE_INTERVAL_MS) return
    sampledAt = now
    if (elapsed < 0) return
    completionsPerMs += (completed / elapsed - completionsPerMs) * Math.min(1, elapsed / SMOOTHING_WINDOW_MS)
    completed = 0
    const { size } = inFlight
    const isSlow = size > MIN_OVERLOADED_CAPACITY && size > completionsPerMs * OVERLOAD_QUEUE_MS
    slowSince = isSlow ? (slowSince ?? now) : undefined
    if (slowSince !== undefined && now - slowSince >= OVERLOAD_AFTER_MS) overloaded = true
    else if (size <= Math.max(MIN_OVERLOADED_CAPACITY, completionsPerMs * RECOVERY_QUEUE_MS) / 2) overloaded = false
  }

  return {
    start(work) {
      inFlight.add(work)
    },
    finish(work) {
      if (inFlight.delete(work)) completed += 1
    },
    isOverloaded(queued = 0) {
      sample()
      const capacity = overloaded
        ? Math.max(MIN_OVERLOADED_CAPACITY, completionsPerMs * RECOVERY_QUEUE_MS)
        : Math.max(MIN_CAPACITY, completionsPerMs * TARGET_QUEUE_MS)
      return inFlight.size + queued >= capacity
    },
    stats: () => ({ inFlight: inFlight.size, completedPerSecond: Math.round(completionsPerMs * 1000) }),
  }
}
