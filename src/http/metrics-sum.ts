import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsSnapshot } from './metrics.ts'

/** The metrics of several processes as those of one, for the process that knows them all. */
export interface MetricsSum {
  /** In the text format of Prometheus: counts are added up, and what can only be averaged is. */
  text(present: readonly MetricsSnapshot[]): Promise<string>
  /** Keeps what a process has counted that is gone: a sum that became smaller would be taken for a restart. */
  depart(last: MetricsSnapshot): void
}

export function createMetricsSum(): MetricsSum {
  const own = new Registry()
  const workers = new Gauge({ name: 'cerberus_workers', help: 'Processes that serve.', registers: [own] })
  const departures = new Counter({
    name: 'cerberus_worker_departures_total',
    help: 'Processes that served, and ended.',
    registers: [own],
  })
  let departed: MetricsSnapshot = []
  return {
    async text(present) {
      workers.set(present.length)
      const sum = AggregatorRegistry.aggregate([departed, ...present])
      return `${await sum.metrics()}\n${await own.metrics()}`
    },
    depart(last) {
      departures.inc()
      const counted = last.filter(({ type }) => COUNTED.has(String(type)))
      void AggregatorRegistry.aggregate([departed, counted])
        .getMetricsAsJSON()
        .then((sum) => (departed = sum))
    },
  }
}

const COUNTED = new Set(['counter', 'histogram'])
