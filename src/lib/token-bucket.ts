import type { Clock } from './clock.ts'

/** Whether something may be done now. `true` is counted as done. */
export type TokenBucket = () => boolean

/** Lets something be done `perSecond` times a second, and so often at once after a second in which it was not done. */
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
