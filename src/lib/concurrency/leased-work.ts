/** How many items to lease. A lane is what must not delay others: a host, an endpoint. */
export interface LaneLimits {
  total: number
  /** For each lane that `ofLanes` does not contain. */
  perLane: number
  ofLanes: ReadonlyMap<string, number>
}

export interface LeasedWorkOptions<Item> {
  lease(limits: LaneLimits): Promise<Item[]>
  laneOf(item: Item): string
  /** Never delays the caller: its failure goes to `onError`. */
  work(item: Item): Promise<void>
  onError(error: unknown, failed: 'lease' | 'work'): void
  /** Lanes that may have one item in progress. */
  probedLanes?: () => string[]
  limits: {
    concurrent: number
    perLane: number
    /** For lanes with slow work. */
    perSlowLane: number
    /** After this time an item only waits for others. It makes room for another, up to `slow` times. */
    slowAfterMs: number
    slow: number
  }
}

export interface LeasedWork {
  /** Leases and starts due items, up to the limits. Never fails. */
  flush(): void
  /** Starts no more; resolves when those in progress have ended. */
  stop(): Promise<void>
}

/**
 * Works on items of a queue that several processes share: each leases what it works on. A lane has few items in progress, and
 * items that take long make room for others, so that a lane that does not respond delays no other.
 */
export function createLeasedWork<Item>(options: LeasedWorkOptions<Item>): LeasedWork {
  const { lease, laneOf, work, onError, probedLanes = () => [] } = options
  const { concurrent, perLane, perSlowLane, slowAfterMs, slow } = options.limits
  const inFlight = new Set<Promise<void>>()
  const lanes = new Map<string, { count: number; slow: number }>()
  let slowCount = 0
  let isStopped = false
  let leasePromise: Promise<void> | undefined
  let flushRequested = false
  /** Whether more items may be due than could be started at once. */
  let hasMoreDue = false

  function start(item: Item): void {
    const name = laneOf(item)
    const lane = lanes.get(name) ?? { count: 0, slow: 0 }
    lanes.set(name, lane)
    lane.count += 1
    let isSlow = false
    let makesRoom = false
    const slowTimer = setTimeout(() => {
      isSlow = true
      lane.slow += 1
      makesRoom = slowCount < slow
      if (!makesRoom) return
      slowCount += 1
      if (hasMoreDue) flush()
    }, slowAfterMs)
    const progress = work(item)
      .catch((error: unknown) => onError(error, 'work'))
      .finally(() => {
        clearTimeout(slowTimer)
        if (isSlow) lane.slow -= 1
        if (makesRoom) slowCount -= 1
        inFlight.delete(progress)
        lane.count -= 1
        if (lane.count === 0) lanes.delete(name)
        if (hasMoreDue) flush()
      })
    inFlight.add(progress)
  }

  /** How many more items may be started, for each lane that has some in progress or is probed. */
  function remainingOfLanes(): Map<string, number> {
    const remaining = new Map<string, number>()
    for (const [name, lane] of lanes)
      remaining.set(name, Math.max((lane.slow > 0 ? perSlowLane : perLane) - lane.count, 0))
    for (const name of probedLanes()) remaining.set(name, lanes.has(name) ? 0 : 1)
    return remaining
  }

  /** Whether a limit was reached, so that more items may be due than were leased. */
  function mayHaveLeft(leased: readonly Item[], limits: LaneLimits): boolean {
    const remaining = new Map(limits.ofLanes)
    for (const item of leased) remaining.set(laneOf(item), (remaining.get(laneOf(item)) ?? limits.perLane) - 1)
    return leased.length === limits.total || [...remaining.values()].includes(0)
  }

  async function leaseDue(): Promise<void> {
    do {
      flushRequested = false
      const total = concurrent + slowCount - inFlight.size
      hasMoreDue = total <= 0
      if (isStopped || hasMoreDue) return
      const limits = { total, perLane, ofLanes: remainingOfLanes() }
      // Until the answer, an item that ends requests another lease.
      hasMoreDue = true
      const leased = await lease(limits)
      hasMoreDue = mayHaveLeft(leased, limits)
      leased.forEach(start)
    } while (flushRequested)
  }

  function flush(): void {
    flushRequested = true
    leasePromise ??= leaseDue()
      .catch((error: unknown) => onError(error, 'lease'))
      .finally(() => {
        leasePromise = undefined
        // flush may have been called after the last lease.
        if (flushRequested) flush()
      })
  }

  return {
    flush,
    async stop() {
      isStopped = true
      await leasePromise
      await Promise.all(inFlight)
    },
  }
}
