import { LRUCache } from 'lru-cache'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import { TooManyRequests } from './framework-errors.ts'

/** Counts what happens for a key within a window of time. */
export interface Limiter {
  /** Throws `TooManyRequests` where the limit was reached before. */
  check(key: string): void
  /** Counts one for the key. */
  count(key: string): void
  /** Forgets the key, after a success. */
  clear(key: string): void
}

/** At most `max` counts a key within `window` seconds. Remembers a bounded number of keys, the most recent ones. */
export function createLimiter({ max, window }: { max: number; window: number }, clock: Clock): Limiter {
  const counters = new LRUCache<string, { count: number; endsAt: number }>({ max: 50_000 })
  const current = (key: string) => {
    const counter = counters.get(key)
    return counter && counter.endsAt > clock.now().getTime() ? counter : undefined
  }
  return {
    check(key) {
      const counter = current(key)
      if (counter && counter.count >= max) {
        throw new TooManyRequests(Math.max(1, Math.ceil((counter.endsAt - clock.now().getTime()) / 1000)))
      }
    },
    count(key) {
      const counter = current(key)
      if (counter) counter.count += 1
      else counters.set(key, { count: 1, endsAt: clock.now().getTime() + window * 1000 })
    },
    clear(key) {
      counters.delete(key)
    },
  }
}

/** Applies the general limit, by address, to every route of a scope. */
export function limitRequests(scope: FastifyInstance, limiter: Limiter): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    try {
      limiter.check(request.ip)
      limiter.count(request.ip)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}
