import { LRUCache } from 'lru-cache'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../lib/time/clock.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { hmacSha256 } from '../../lib/crypto/hash.ts'
import {
  encodeCounterKey,
  type RateLimitIncrement,
  type RateLimitTotal,
  type RateLimitCounterStore,
} from '../../model/rate-limit/rate-limit-counter.ts'

/** Counts for all processes, or for this process while the store is unavailable. Never rejects. */
export interface RateLimitCounters {
  /** Milliseconds between two reports of what a process counted in memory. */
  flushIntervalMs: number
  /** Adds an amount for each subject of one kind, and returns their new totals in order. */
  add(kind: string, window: number, counts: readonly { subject: string; amount: number }[]): Promise<RateLimitTotal[]>
  clear(kind: string, subject: string): Promise<void>
}

export interface RateLimitCountersOptions {
  store: RateLimitCounterStore
  /** The key of the HMAC that hides addresses and accounts from the store. */
  key: Uint8Array
  clock: Clock
  log: Pick<FastifyBaseLogger, 'warn' | 'info'>
  flushIntervalMs?: number
}

const STORE_TIMEOUT_MS = 1_000
/** After a failure the store is not called for this time. */
const RETRY_DELAY_MS = 1_000
/** Each entry counts as one. With `max` instead, a megabyte would be allocated before the first counter. */
const CACHED_COUNTERS = { maxSize: 50_000, sizeCalculation: () => 1 }

export function createRateLimitCounters({
  store,
  key,
  clock,
  log,
  flushIntervalMs = 500,
}: RateLimitCountersOptions): RateLimitCounters {
  // The last totals from the store. Local counting continues from them during an outage.
  const lastKnown = new LRUCache<string, RateLimitTotal>(CACHED_COUNTERS)
  let outage = false
  let paused = false

  const keyOf = (kind: string, subject: string) => hmacSha256(key, kind, '\n', subject)

  /** Returns undefined when the store is unavailable. */
  async function callStore<T>(operation: () => Promise<T>): Promise<T | undefined> {
    if (paused) return undefined
    try {
      const answer = await withTimeout(operation())
      if (outage) log.info('rate-limit store available again')
      outage = false
      return answer
    } catch (error) {
      if (!outage) log.warn({ err: error }, 'rate-limit store unavailable, counting per process')
      outage = true
      paused = true
      setTimeout(() => (paused = false), RETRY_DELAY_MS).unref()
      return undefined
    }
  }

  function addLocally({ key: counter, amount, windowSeconds }: RateLimitIncrement): RateLimitTotal {
    const now = clock.now()
    const name = encodeCounterKey(counter)
    const before = lastKnown.get(name)
    const after =
      before && before.resetsAt > now
        ? { total: before.total + amount, resetsAt: before.resetsAt }
        : { total: amount, resetsAt: addSeconds(now, windowSeconds) }
    lastKnown.set(name, after)
    return after
  }

  return {
    flushIntervalMs,
    async add(kind, window, given) {
      const counts = given.map(({ subject, amount }) => ({ key: keyOf(kind, subject), amount, windowSeconds: window }))
      const counted = await callStore(() => store.increment(counts, clock.now()))
      if (!counted) return counts.map(addLocally)
      counts.forEach((count, index) => {
        const answer = counted[index]
        if (answer) lastKnown.set(encodeCounterKey(count.key), answer)
      })
      return counted
    },
    async clear(kind, subject) {
      const counter = keyOf(kind, subject)
      lastKnown.delete(encodeCounterKey(counter))
      await callStore(() => store.reset(counter))
    },
  }
}

/** Rejects when the store does not answer within `STORE_TIMEOUT_MS`. */
function withTimeout<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The rate-limit store did not answer in time.')), STORE_TIMEOUT_MS)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
