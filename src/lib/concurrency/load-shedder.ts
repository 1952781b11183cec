import type { Clock } from '../time/clock.ts'

/** Requests in progress that are always allowed. Above this, at most `TARGET_QUEUE_MS` of work may be in progress. */
const MIN_CAPACITY = 1_024
const TARGET_QUEUE_MS = 500
/** The process is overloaded when more work than this has been queued for `OVERLOAD_AFTER_MS`. */
const OVERLOAD_QUEUE_MS = 1_500
const OVERLOAD_AFTER_MS = 1_000
/** The limits of an overloaded process. It recovers when half of that is left. */
const MIN_OVERLOADED_CAPACITY = 256
const RECOVERY_QUEUE_MS = 1_000
/** The rate of completions is sampled at this interval, and smoothed over this window. */
const SAMPLE_INTERVAL_MS = 100
const SMOOTHING_WINDOW_MS = 500

export interface LoadShedder {
  start(work: object): void
  /** Ignores work that was not started or has already finished. */
  finish(work: object): void
  /** Whether the work in progress, and `queued` requests that wait, would take too long for a new request. */
  isOverloaded(queued?: number): boolean
  stats(): { inFlight: number; completedPerSecond: number }
}

/**
 * Applies Little's law: work in progress divided by completions per second is the waiting time of the next request. Many
 * connections that each wait for a response are not an overload by themselves, and neither are a few slow requests.
 */
export function createLoadShedder(clock: Clock): LoadShedder {
  const inFlight = new Set<object>()
  let sampledAt = clock.now().getTime()
  let completed = 0
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
