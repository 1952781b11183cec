import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsSnapshot } from './metrics.ts'

/** Combines the metrics of all workers into those of one server, in the primary process. */
export interface MetricsAggregator {
  /** The Prometheus text format. Counters and histograms are added, gauges as their definition says. */
  text(present: readonly MetricsSnapshot[]): Promise<string>
  /** Keeps the counters of a worker that exited: Prometheus takes a decreasing sum for a restart. */
  addExited(last: MetricsSnapshot): void
}

export function createMetricsAggregator(): MetricsAggregator {
  const own = new Registry()
  const workers = new Gauge({ name: 'cerberus_workers', help: 'Worker processes that are ready.', registers: [own] })
  const exits = new Counter({
    name: 'cerberus_worker_departures_total',
    help: 'Worker processes that exited.',
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
