import { LRUCache } from 'lru-cache'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import { createSettling } from '../lib/settling.ts'
import type { Counting } from './counting.ts'
import { TooManyRequests } from './framework-errors.ts'

/** At most `max` for a subject, an address or an account, within `window` seconds that begin with the first. */
export interface LimitOptions {
  /** Tells the subjects of one limit from those of another. */
  kind: string
  max: number
  window: number
  counting: Counting
  clock: Clock
}

/** Limits what costs much and happens seldom. Holds exactly, over all processes. */
export interface AttemptLimit {
  /** Counts an attempt before it is made. Throws `TooManyRequests` beyond the limit. */
  take(subject: string): Promise<void>
  /** Forgets the attempts, after a success. */
  clear(subject: string): Promise<void>
}

/** Limits failures where successes are many and must cost nothing. */
export interface FailureLimit {
  /** Throws `TooManyRequests` where this process knows that the limit is reached. */
  check(subject: string): void
  /** Counts a failure before it is answered. Throws `TooManyRequests` beyond the limit, whoever has reached it. */
  count(subject: string): Promise<void>
}

/** Limits requests. Counts here, and settles with the other processes by the clock, and at every tenth of the limit. */
export interface RequestLimit {
  /** Counts a request. Throws `TooManyRequests` beyond the limit, as far as this process knows. */
  count(subject: string): void
  /** Tells the others what was counted here, and learns what was counted there. */
  settle(): Promise<void>
}

const MOST_REMEMBERED = 50_000
/** For so long it is not asked again whether a subject is still refused: it may have been cleared by another process. */
const REFUSAL_MS = 1_000
const SETTLED_SHARE = 0.1

export function createAttemptLimit({ kind, max, window, counting, clock }: LimitOptions): AttemptLimit {
  const refused = new LRUCache<string, { endsAt: Date; until: number }>({ max: MOST_REMEMBERED })
  return {
    async take(subject) {
      const now = clock.now()
      const known = refused.get(subject)
      if (known && known.until > now.getTime() && known.endsAt > now) throw tooMany(known.endsAt, now)
      const [counted] = await counting.add(kind, window, [{ subject, amount: 1 }])
      if (!counted || counted.total <= max) return
      refused.set(subject, { endsAt: counted.endsAt, until: now.getTime() + REFUSAL_MS })
      throw tooMany(counted.endsAt, now)
    },
    async clear(subject) {
      refused.delete(subject)
      await counting.clear(kind, subject)
    },
  }
}

export function createFailureLimit({ kind, max, window, counting, clock }: LimitOptions): FailureLimit {
  const known = new LRUCache<string, { total: number; endsAt: Date }>({ max: MOST_REMEMBERED })
  const current = (subject: string, now: Date) => {
    const counted = known.get(subject)
    return counted && counted.endsAt > now ? counted : undefined
  }
  return {
    check(subject) {
      const now = clock.now()
      const counted = current(subject, now)
      if (counted && counted.total >= max) throw tooMany(counted.endsAt, now)
    },
    async count(subject) {
      const now = clock.now()
      // Known here before the others have answered: failures at the same time must not all slip through.
      const before = current(subject, now) ?? { total: 0, endsAt: new Date(now.getTime() + window * 1000) }
      known.set(subject, { total: before.total + 1, endsAt: before.endsAt })
      const [counted] = await counting.add(kind, window, [{ subject, amount: 1 }])
      if (!counted) return
      const meanwhile = current(subject, now)?.total ?? 0
      known.set(subject, { total: Math.max(meanwhile, counted.total), endsAt: counted.endsAt })
      if (counted.total > max) throw tooMany(counted.endsAt, now)
    },
  }
}

interface Tally {
  /** What all processes have counted, as far as this one knows. */
  settled: number
  /** What this one has counted since. */
  unsettled: number
  endsAt: Date
}

export function createRequestLimit({ kind, max, window, counting, clock }: LimitOptions): RequestLimit {
  const tallies = new LRUCache<string, Tally>({ max: MOST_REMEMBERED })
  const changed = new Map<string, Tally>()
  const settling = createSettling(exchange, () => changed.size > 0, counting.settleMs)

  async function exchange(): Promise<void> {
    const open = [...changed].map(([subject, tally]) => ({ subject, tally, amount: tally.unsettled }))
    changed.clear()
    for (const { tally, amount } of open) {
      tally.settled += amount
      tally.unsettled -= amount
    }
    const counted = await counting.add(kind, window, open)
    open.forEach(({ tally }, index) => {
      const answer = counted[index]
      if (!answer) return
      tally.settled = answer.total
      tally.endsAt = answer.endsAt
    })
  }

  return {
    count(subject) {
      const now = clock.now()
      let tally = tallies.get(subject)
      if (!tally || tally.endsAt <= now) {
        tally = { settled: 0, unsettled: 0, endsAt: new Date(now.getTime() + window * 1000) }
        tallies.set(subject, tally)
      }
      if (tally.settled + tally.unsettled >= max) throw tooMany(tally.endsAt, now)
      tally.unsettled += 1
      changed.set(subject, tally)
      if (tally.unsettled >= max * SETTLED_SHARE && !settling.isUnderWay()) void settling.now()
      else settling.later()
    },
    settle: settling.now,
  }
}

function tooMany(endsAt: Date, now: Date): TooManyRequests {
  return new TooManyRequests(Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000)))
}

/** Applies the general limit, by address, to every route of a scope. */
export function limitRequests(scope: FastifyInstance, limit: RequestLimit): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    try {
      limit.count(request.ip)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}
