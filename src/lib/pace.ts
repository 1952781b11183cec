import type { Clock } from './clock.ts'

/** Whether something may be done now. `true` is counted as done. */
export type Pace = () => boolean

/** Lets something be done `perSecond` times a second, and so often at once after a second in which it was not done. */
export function createPace(perSecond: number, clock: Clock): Pace {
  let left = perSecond
  let countedAt = clock.now().getTime()
  return () => {
    const now = clock.now().getTime()
    left = Math.min(perSecond, left + (Math.max(0, now - countedAt) * perSecond) / 1000)
    countedAt = now
    if (left < 1) return false
    left -= 1
    return true
  }
}
