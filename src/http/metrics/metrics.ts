// `http/metrics` owns the Prometheus metrics of the server.
// In a cluster the primary adds up the metrics of all workers.
// Rooms report events through the `Metrics` interface and never see the Prometheus library.

import Fastify, { type FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the rest of the server counts. */
export interface Metrics {
  tokenIssued(kind: string): void
  signIn(outcome: string): void
  /** A request was turned away unheard. */
  requestShed(): void
  /** Measures every request of a server, by route and status. */
  observe(server: FastifyInstance): void
  /** All of it, in the text format of Prometheus. */
  text(): Promise<string>
  /** The same as values that another process can add up. */
  snapshot(): Promise<MetricsSnapshot>
}

/** What `Registry` holds at one moment. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** `statements` tells how many statements were sent to PostgreSQL so far, `waiting` how many callers wait for one. */
export function createMetrics({
  statementCount,
  waitingCount,
}: {
  statementCount: () => number
  waitingCount: () => number
}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const tokens = new Counter({
    name: 'cerberus_tokens_issued_total',
    help: 'Tokens issued, by kind.',
    labelNames: ['kind'],
    registers,
  })
  const signIns = new Counter({
    name: 'cerberus_sign_ins_total',
    help: 'Attempts to sign in, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const shed = new Counter({
    name: 'cerberus_requests_shed_total',
    help: 'Requests turned away because there was more to do than could be done.',
    registers,
  })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  for (const [name, help, value] of [
    ['cerberus_database_statements', 'Statements sent to PostgreSQL since the start.', statementCount],
    ['cerberus_database_waiting', 'Callers that wait for a connection.', waitingCount],
  ] as const) {
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(value()) })
    registry.registerMetric(gauge)
  }
  return {
    tokenIssued: (kind) => tokens.inc({ kind }),
    signIn: (outcome) => signIns.inc({ outcome }),
    requestShed: () => shed.inc(),
    observe(server) {
      server.addHook('onResponse', (request, reply, done) => {
        const route = request.routeOptions.url ?? 'none'
        requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
        done()
      })
    },
    text: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
  }
}

/** A server of its own for `/metrics`. */
export function createMetricsServer(text: () => Promise<string>): FastifyInstance {
  const server = Fastify()
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', Registry.PROMETHEUS_CONTENT_TYPE).send(await text()),
  )
  return server
}
