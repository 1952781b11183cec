// `http/rate-limit` owns rate limits per address, account and kind of attempt.
// Counters are kept in PostgreSQL or Valkey, so that all processes share them.
// Protection of the whole process against overload belongs to `http/overload`.

import { LRUCache } from 'lru-cache'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../lib/time/clock.ts'
import { createDebouncedTask } from '../../lib/time/debounced-task.ts'
import type { RateLimitCounters } from './rate-limit-counters.ts'
import { TooManyRequests } from '../errors/request-errors.ts'

/** At most `max` for each subject (an address or an account) in a window of `window` seconds that its first request opens. */
export interface RateLimiterOptions {
  /** Separates the subjects of this limit from those of other limits. */
  kind: string
  max: number
  window: number
  rateLimitCounters: RateLimitCounters
  clock: Clock
}

/** Limits expensive, rare operations. Exact over all processes. */
export interface AttemptRateLimiter {
  /** Counts an attempt before it is made. Throws `TooManyRequests` above the limit. */
  consume(subject: string): Promise<void>
  /** Deletes the count, after a success. */
  reset(subject: string): Promise<void>
}

/** Limits failures of an operation whose successes are frequent and must cost nothing. */
export interface FailureRateLimiter {
  /** Throws `TooManyRequests` when this process knows that the limit is reached. */
  check(subject: string): void
  /** Counts a failure before its response. Throws `TooManyRequests` above the limit of all processes. */
  penalty(subject: string): Promise<void>
}

/** Limits requests. Counts in memory, and reports to the store at an interval and after each tenth of the limit. */
export interface RequestRateLimiter {
  /** Counts a request. Throws `TooManyRequests` above the limit, by the totals that this process knows. */
  consume(subject: string): void
  /** Reports the counts of this process, and receives the totals of all. */
  flush(): Promise<void>
}

/** Each entry counts as one. With `max` instead, each limit would allocate a megabyte before its first subject. */
const CACHED_SUBJECTS = { maxSize: 50_000, sizeCalculation: () => 1 }
/** A rejected subject is looked up again after this time, because another process may have reset it. */
const REJECTION_CACHE_TTL_MS = 1_000
const FLUSH_THRESHOLD = 0.1

export function createAttemptRateLimiter({
  kind,
  max,
  window,
  rateLimitCounters,
  clock,
}: RateLimiterOptions): AttemptRateLimiter {
  const rejected = new LRUCache<string, { endsAt: Date; until: number }>(CACHED_SUBJECTS)
  return {
    async consume(subject) {
      const now = clock.now()
      const known = rejected.get(subject)
      if (known && known.until > now.getTime() && known.endsAt > now) throw tooManyRequests(known.endsAt, now)
      const [counted] = await rateLimitCounters.add(kind, window, [{ subject, amount: 1 }])
      if (!counted || counted.total <= max) return
      rejected.set(subject, { endsAt: counted.resetsAt, until: now.getTime() + REJECTION_CACHE_TTL_MS })
      throw tooManyRequests(counted.resetsAt, now)
    },
    async reset(subject) {
      rejected.delete(subject)
      await rateLimitCounters.clear(kind, subject)
    },
  }
}

export function createFailureRateLimiter({
  kind,
  max,
  window,
  rateLimitCounters,
  clock,
}: RateLimiterOptions): FailureRateLimiter {
  const cached = new LRUCache<string, { total: number; endsAt: Date }>(CACHED_SUBJECTS)
  const current = (subject: string, now: Date) => {
    const counted = cached.get(subject)
    return counted && counted.endsAt > now ? counted : undefined
  }
  return {
    check(subject) {
      const now = clock.now()
      const counted = current(subject, now)
      if (counted && counted.total >= max) throw tooManyRequests(counted.endsAt, now)
    },
    async penalty(subject) {
      const now = clock.now()
      // Counted locally before the store answers, so that concurrent failures are not all admitted.
      const before = current(subject, now) ?? { total: 0, endsAt: new Date(now.getTime() + window * 1000) }
      cached.set(subject, { total: before.total + 1, endsAt: before.endsAt })
      const [counted] = await rateLimitCounters.add(kind, window, [{ subject, amount: 1 }])
      if (!counted) return
      const meanwhile = current(subject, now)?.total ?? 0
      cached.set(subject, { total: Math.max(meanwhile, counted.total), endsAt: counted.resetsAt })
      if (counted.total > max) throw tooManyRequests(counted.resetsAt, now)
    },
  }
}

interface Tally {
  /** The total of all processes at the last report. */
  flushed: number
  /** The count of this process since then. */
  unflushed: number
  endsAt: Date
}

export function createRequestRateLimiter({
  kind,
  max,
  window,
  rateLimitCounters,
  clock,
}: RateLimiterOptions): RequestRateLimiter {
  const tallies = new LRUCache<string, Tally>(CACHED_SUBJECTS)
  const changed = new Map<string, Tally>()
  const flushTask = createDebouncedTask(flushCounts, () => changed.size > 0, rateLimitCounters.flushIntervalMs)

  async function flushCounts(): Promise<void> {
    const batch = [...changed].map(([subject, tally]) => ({ subject, tally, amount: tally.unflushed }))
    changed.clear()
    for (const { tally, amount } of batch) {
      tally.flushed += amount
      tally.unflushed -= amount
    }
    const counted = await rateLimitCounters.add(kind, window, batch)
    batch.forEach(({ tally }, index) => {
      const answer = counted[index]
      if (!answer) return
      tally.flushed = answer.total
      tally.endsAt = answer.resetsAt
    })
  }

  return {
    consume(subject) {
      const now = clock.now()
      let tally = tallies.get(subject)
      if (!tally || tally.endsAt <= now) {
        tally = { flushed: 0, unflushed: 0, endsAt: new Date(now.getTime() + window * 1000) }
        tallies.set(subject, tally)
      }
      if (tally.flushed + tally.unflushed >= max) throw tooManyRequests(tally.endsAt, now)
      tally.unflushed += 1
      changed.set(subject, tally)
      if (tally.unflushed >= max * FLUSH_THRESHOLD && !flushTask.isRunning()) void flushTask.flush()
      else flushTask.schedule()
    },
    flush: flushTask.flush,
  }
}

function tooManyRequests(endsAt: Date, now: Date): TooManyRequests {
  return new TooManyRequests(Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000)))
}

/** Applies the general limit, by address, to every route of a scope. */
export function rateLimitRequests(scope: FastifyInstance, limit: RequestRateLimiter): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    try {
      limit.consume(request.clientAddress.network)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}
