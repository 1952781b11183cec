import type { Clock } from './clock.ts'

/** So many may always come at once, as long as they do not wait too long; beyond that, what is done in so many ms. */
const CROWD = 1_024
const SHORT_WAIT = 500
/** Milliseconds that a crowd may have to wait, and for how long it may be more than that. */
const LONG_WAIT = 1_500
const PATIENCE = 1_000
/** Then only so many may be under way, or what is done in so many milliseconds, until it is half of that. */
const FEWEST = 256
const AIM = 1_000
/** Milliseconds between looks at the rate, and the time over which it is smoothed. */
const LOOK = 100
const MEMORY = 500

/** What is under way, and whether more may be begun. */
export interface Backlog {
  begin(work: object): void
  /** Work that was not begun, or has ended before, does not count. */
  end(work: object): void
  /** Whether what is under way, and `more` that waits, will take too long for anything else to be worth its while. */
  isFull(more?: number): boolean
  /** How many are under way, and how many end in a second. */
  state(): { underWay: number; perSecond: number }
}

/**
 * Little's law as a rule: what is under way, divided by how many end in a time, is how long the next one waits. A crowd
 * alone makes no backlog, since many connections that each wait for their answer wait long by nature; nor does what is
 * slow for itself, while there is little of it.
 */
export function createBacklog(clock: Clock): Backlog {
  const underWay = new Set<object>()
  let lookedAt = clock.now().getTime()
  let ended = 0
  /** Ends in a millisecond. */
  let rate = 0
  let lateSince: number | undefined
  let overloaded = false

  function look(): void {
    const now = clock.now().getTime()
    const elapsed = now - lookedAt
    if (elapsed >= 0 && elapsed < LOOK) return
    lookedAt = now
    if (elapsed < 0) return
    rate += (ended / elapsed - rate) * Math.min(1, elapsed / MEMORY)
    ended = 0
    const { size } = underWay
    const late = size > FEWEST && size > rate * LONG_WAIT
    lateSince = late ? (lateSince ?? now) : undefined
    if (lateSince !== undefined && now - lateSince >= PATIENCE) overloaded = true
    else if (size <= Math.max(FEWEST, rate * AIM) / 2) overloaded = false
  }

  return {
    begin(work) {
      underWay.add(work)
    },
    end(work) {
      if (underWay.delete(work)) ended += 1
    },
    isFull(more = 0) {
      look()
      const bound = overloaded ? Math.max(FEWEST, rate * AIM) : Math.max(CROWD, rate * SHORT_WAIT)
      return underWay.size + more >= bound
    },
    state: () => ({ underWay: underWay.size, perSecond: Math.round(rate * 1000) }),
  }
}
