// `http/metrics` owns the Prometheus metrics of the server.
// In a cluster the primary adds up the metrics of all workers.
// Rooms report events through the `Metrics` interface and never see the Prometheus library.

import Fastify, { type FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** The events that rooms report. */
export interface Metrics {
  tokenIssued(kind: string): void
  signIn(outcome: string): void
  /** An attempt to send a mail has ended. */
  mailAttempt(outcome: string): void
  /** A request was rejected by load shedding. */
  requestShed(): void
  /** Measures the duration of every request, by route and status. */
  observe(server: FastifyInstance): void
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>
  /** All metrics as values that another process can add. */
  snapshot(): Promise<MetricsSnapshot>
}

/** The values of a registry at one time. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/**
 * `statementCount` is the number of statements sent so far, `waitingCount` the number of callers that wait for a connection,
 * `queuedMails` the number of mails that wait, of all processes.
 */
export function createMetrics({
  statementCount,
  waitingCount,
  queuedMails,
}: {
  statementCount: () => number
  waitingCount: () => number
  queuedMails: () => Promise<number>
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
    help: 'Sign-in attempts, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const mails = new Counter({
    name: 'cerberus_mail_attempts_total',
    help: 'Attempts to send a mail, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const queued: Gauge = new Gauge({
    name: 'cerberus_mails_queued',
    help: 'Mails that wait to be sent or to be tried again.',
    registers,
    // Each process reports the same number.
    aggregator: 'max',
    collect: async () => queued.set(await queuedMails().catch(() => Number.NaN)),
  })
  const shed = new Counter({
    name: 'cerberus_requests_shed_total',
    help: 'Requests rejected because the server was overloaded.',
    registers,
  })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from receiving a request to the end of its response.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  for (const [name, help, value] of [
    ['cerberus_database_statements', 'Statements sent to PostgreSQL since the process started.', statementCount],
    ['cerberus_database_waiting', 'Callers waiting for a database connection.', waitingCount],
  ] as const) {
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(value()) })
    registry.registerMetric(gauge)
  }
  return {
    tokenIssued: (kind) => tokens.inc({ kind }),
    signIn: (outcome) => signIns.inc({ outcome }),
    mailAttempt: (outcome) => mails.inc({ outcome }),
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

/** A separate server for `/metrics`. */
export function createMetricsServer(text: () => Promise<string>): FastifyInstance {
  const server = Fastify()
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', Registry.PROMETHEUS_CONTENT_TYPE).send(await text()),
  )
  return server
}
