import type { Clock } from '../time/clock.ts'

/** Takes a token and returns true, or returns false when the bucket is empty. */
export type TokenBucket = () => boolean

/** A bucket that holds at most `perSecond` tokens and refills at `perSecond` tokens per second. */
export function createTokenBucket(perSecond: number, clock: Clock): TokenBucket {
  let tokens = perSecond
  let refilledAt = clock.now().getTime()
  return () => {
    const now = clock.now().getTime()
    tokens = Math.min(perSecond, tokens + (Math.max(0, now - refilledAt) * perSecond) / 1000)
    refilledAt = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
