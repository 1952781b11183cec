import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsSnapshot } from './metrics.ts'

/** The metrics of several processes as those of one, for the process that knows them all. */
export interface MetricsAggregator {
  /** In the text format of Prometheus: counts are added up, and what can only be averaged is. */
  text(present: readonly MetricsSnapshot[]): Promise<string>
  /** Keeps what a process has counted that is gone: a sum that became smaller would be taken for a restart. */
  addExited(last: MetricsSnapshot): void
}

export function createMetricsAggregator(): MetricsAggregator {
  const own = new Registry()
  const workers = new Gauge({ name: 'cerberus_workers', help: 'Processes that serve.', registers: [own] })
  const exits = new Counter({
    name: 'cerberus_worker_departures_total',
    help: 'Processes that served, and ended.',
    registers: [own],
  })
  let exitedTotals: MetricsSnapshot = []
  return {
    async text(present) {
      workers.set(present.length)
      const sum = AggregatorRegistry.aggregate([exitedTotals, ...present])
      return `${await sum.metrics()}\n${await own.metrics()}`
    },
    addExited(last) {
      exits.inc()
      const counted = last.filter(({ type }) => CUMULATIVE_TYPES.has(String(type)))
      void AggregatorRegistry.aggregate([exitedTotals, counted])
        .getMetricsAsJSON()
        .then((sum) => (exitedTotals = sum))
    },
  }
}

const CUMULATIVE_TYPES = new Set(['counter', 'histogram'])
