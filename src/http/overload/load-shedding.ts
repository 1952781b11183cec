// `http/overload` owns load shedding: requests that could not be served in time are rejected with 503.
// It schedules connections fairly and rejects before any work is done.
// Limits per address or account belong to `http/rate-limit`.

import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createLoadShedder } from '../../lib/concurrency/load-shedder.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { createTokenBucket } from '../../lib/concurrency/token-bucket.ts'
import { randomBytes } from '../../lib/crypto/random.ts'
import { securityHeaderFields } from '../security/security-headers.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Problem, problemBody } from '../errors/problem.ts'
import { requestId } from '../request/request-id.ts'
import { createConnectionScheduler } from './connection-scheduler.ts'

export interface LoadSheddingOptions {
  issuer: string
  https: boolean
  clock: Clock
  log: Pick<FastifyBaseLogger, 'warn'>
  isDraining: () => boolean
  /** The error page, with the policy of its Content-Security-Policy header. */
  renderPage: (reference: string, acceptLanguage: string | undefined) => string
  contentSecurityPolicy: string
  metrics: Pick<Metrics, 'requestShed'>
}

export interface LoadShedding {
  /** Wraps the handler of an HTTP server: a request is scheduled, or rejected before any work is done for it. */
  guardRequests(server: Server, handleRequest: RequestListener): RequestListener
  /** Counts the requests in progress. Call it before routes are added. */
  trackRequests(server: FastifyInstance): void
}

/** The content of a rejection in OAuth JSON and on pages. */
export const OVERLOAD_ERROR = {
  status: 503,
  code: 'temporarily_unavailable',
  description: 'The server is overloaded. Retry after the time given in `Retry-After`.',
}
/** Not counted: sign-ins wait for a password hash, whose queue has its own limit, and the feed waits for events. */
const WAITING_ROUTES = new Set<string | undefined>(['/auth/login', '/v1/auth/login', '/v1/admin/events'])
const PAGE_PATH = /^\/(?:oauth2\/(?:authorize|consent|logout|check-session)|auth|device|docs)(?:[/?]|$)/
const PROTOCOL_PATH = /^\/(?:oauth2|\.well-known)\//
const HEALTH_PATH = /^\/health(?:[/?]|$)/
/** One rejection costs a fifth of a token request. Without this limit a flood of rejections would use the processor. */
const MAX_REJECTIONS_PER_SECOND = 2_000
const REJECTION_RETRY_MS = 10
const MAX_PENDING_REJECTIONS = 10_000
/** Seconds between two log lines with the number of rejected requests. */
const LOG_INTERVAL_SECONDS = 5

/**
 * Rejects requests with 503 and `Retry-After`, in the error format of their endpoint, while the expected waiting time is
 * too long (docs/decisions/0015). Health checks are always answered. Rejections are paced: a connection that waits for its
 * rejection sends no further request, so that rejecting takes a bounded part of the processor.
 */
export function createLoadShedding(options: LoadSheddingOptions): LoadShedding {
  const { clock, log, metrics } = options
  const loadShedder = createLoadShedder(clock)
  const logShedRequest = createShedLogger(log, loadShedder.stats, clock)
  const rejectThrottled = throttleRejections(options)
  return {
    guardRequests(server, handleRequest) {
      const connectionScheduler = createConnectionScheduler(server)
      return (request, response) => {
        // The client has disconnected, and rate limits have no address to count by.
        if (request.socket.remoteAddress === undefined) return void request.socket.destroy()
        const start = () => void (request.socket.destroyed || handleRequest.call(server, request, response))
        if (HEALTH_PATH.test(request.url ?? '')) return start()
        if (!loadShedder.isOverloaded(connectionScheduler.queueLength())) return connectionScheduler.schedule(start)
        metrics.requestShed()
        logShedRequest()
        rejectThrottled(request, response)
      }
    },
    trackRequests(server) {
      // After the body has been read: a client that sends slowly must not use capacity.
      server.addHook('preHandler', (request, _reply, done) => {
        if (!WAITING_ROUTES.has(request.routeOptions.url)) loadShedder.start(request)
        done()
      })
      // When the work is done, whether or not the client is still connected.
      server.addHook('onSend', (request, _reply, _payload, done) => {
        loadShedder.finish(request)
        done()
      })
    },
  }
}

function throttleRejections(
  options: LoadSheddingOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const tryConsume = createTokenBucket(MAX_REJECTIONS_PER_SECOND, options.clock)
  const pending = new Map<ServerResponse, IncomingMessage>()

  function rejectPending(): void {
    for (const [response, request] of pending) {
      if (!request.socket.destroyed) {
        if (!tryConsume()) break
        sendOverloadResponse(request, response, options)
      }
      pending.delete(response)
    }
    if (pending.size > 0) setTimeout(rejectPending, REJECTION_RETRY_MS)
  }

  return (request, response) => {
    if (pending.size === 0 && tryConsume()) return sendOverloadResponse(request, response, options)
    // Reached only by clients that pipeline many requests on one connection.
    if (pending.size >= MAX_PENDING_REJECTIONS) return void request.socket.destroy()
    if (pending.size === 0) setTimeout(rejectPending, REJECTION_RETRY_MS)
    pending.set(response, request)
  }
}

function sendOverloadResponse(request: IncomingMessage, response: ServerResponse, options: LoadSheddingOptions): void {
  const id = requestId(request.headers)
  const { type, body, policy } = overloadResponse(request, id, options)
  const fields = {
    ...securityHeaderFields(id, options.https),
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    // Random, so that rejected clients do not return at the same time.
    'retry-after': String(1 + ((randomBytes(1)[0] ?? 0) % 5)),
    ...(policy !== undefined && { 'content-security-policy': policy }),
    ...(options.isDraining() && request.httpVersionMajor === 1 && { connection: 'close' }),
  }
  response.writeHead(503, fields).end(request.method === 'HEAD' ? undefined : body)
}

const OAUTH_BODY = JSON.stringify({ error: OVERLOAD_ERROR.code, error_description: OVERLOAD_ERROR.description })

function overloadResponse(
  { url = '', headers }: IncomingMessage,
  id: string,
  { issuer, renderPage, contentSecurityPolicy }: LoadSheddingOptions,
): { type: string; body: string; policy?: string } {
  if (PAGE_PATH.test(url)) {
    const body = renderPage(id, headers['accept-language'])
    return { type: 'text/html; charset=utf-8', body, policy: contentSecurityPolicy }
  }
  if (PROTOCOL_PATH.test(url)) return { type: 'application/json', body: OAUTH_BODY }
  const problem = new Problem(503, 'unavailable', OVERLOAD_ERROR.description)
  return { type: 'application/problem+json', body: JSON.stringify(problemBody(problem, id, issuer)) }
}

/** Logs at most once every few seconds: a line for each rejection would cost what shedding saves. */
function createShedLogger(log: LoadSheddingOptions['log'], stats: () => object, clock: Clock): () => void {
  let shed = 0
  let loggedAt = 0
  return () => {
    shed += 1
    const now = clock.now().getTime()
    if (Math.abs(now - loggedAt) < LOG_INTERVAL_SECONDS * 1000) return
    log.warn({ shed, ...stats() }, 'requests rejected: server overloaded')
    shed = 0
    loggedAt = now
  }
}
