import { LRUCache } from 'lru-cache'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import { addSeconds } from '../lib/clock.ts'
import { hmacSha256 } from '../lib/secret.ts'
import { nameOf, type Count, type Counted, type CounterStore } from '../model/counter.ts'

/** Counts over all processes, or over this one while the store of all is out of reach. Never rejects. */
export interface Counting {
  /** Milliseconds after which what was counted in the background is added. */
  settleMs: number
  /** Adds so much for each subject of a kind; answers what each has come to, in their order. */
  add(kind: string, window: number, counts: readonly { subject: string; amount: number }[]): Promise<Counted[]>
  clear(kind: string, subject: string): Promise<void>
}

export interface CountingOptions {
  store: CounterStore
  /** Under it names of subjects become keys: the store learns no address and no account. */
  key: Uint8Array
  clock: Clock
  log: Pick<FastifyBaseLogger, 'warn' | 'info'>
  settleMs?: number
}

/** A caller does not wait longer for the store. */
const PATIENCE_MS = 1_000
/** For so long after a failure the store is left alone. */
const PAUSE_MS = 1_000
const MOST_REMEMBERED = 50_000

export function createCounting({ store, key, clock, log, settleMs = 500 }: CountingOptions): Counting {
  // What the store said last. While it is silent, counting goes on from there.
  const remembered = new LRUCache<string, Counted>({ max: MOST_REMEMBERED })
  let outage = false
  let paused = false

  const keyOf = (kind: string, subject: string) => hmacSha256(key, kind, '\n', subject)

  /** Undefined where the store cannot be had. */
  async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (paused) return undefined
    try {
      const answer = await inTime(question())
      if (outage) log.info('limits hold over all processes again')
      outage = false
      return answer
    } catch (error) {
      if (!outage)
        log.warn({ err: error }, 'limits are counted by each process for itself: their store is out of reach')
      outage = true
      paused = true
      setTimeout(() => (paused = false), PAUSE_MS).unref()
      return undefined
    }
  }

  function addHere({ key: counter, amount, window }: Count): Counted {
    const now = clock.now()
    const name = nameOf(counter)
    const before = remembered.get(name)
    const after =
      before && before.endsAt > now
        ? { total: before.total + amount, endsAt: before.endsAt }
        : { total: amount, endsAt: addSeconds(now, window) }
    remembered.set(name, after)
    return after
  }

  return {
    settleMs,
    async add(kind, window, given) {
      const counts = given.map(({ subject, amount }) => ({ key: keyOf(kind, subject), amount, window }))
      const counted = await ask(() => store.add(counts, clock.now()))
      if (!counted) return counts.map(addHere)
      counts.forEach((count, index) => {
        const answer = counted[index]
        if (answer) remembered.set(nameOf(count.key), answer)
      })
      return counted
    },
    async clear(kind, subject) {
      const counter = keyOf(kind, subject)
      remembered.delete(nameOf(counter))
      await ask(() => store.clear(counter))
    },
  }
}

/** Rejects where the answer takes longer than a caller should wait. */
function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No answer in time.')), PATIENCE_MS)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
