// `http/overload` owns load shedding: requests that could not be served in time are rejected with 503.
// It schedules connections fairly and rejects before any work is done.
// Limits per address or account belong to `http/rate-limit`.

import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLoadShedder } from '../../lib/load-shedder.ts'
import type { Clock } from '../../lib/clock.ts'
import { createTokenBucket } from '../../lib/token-bucket.ts'
import { randomBytes } from '../../lib/random.ts'
import { securityHeaderFields } from '../security/security-headers.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Problem, problemBody } from '../errors/problem.ts'
import { requestId } from '../request/request-id.ts'
import { createConnectionScheduler } from './connection-scheduler.ts'

export interface LoadSheddingOptions {
  issuer: string
  https: boolean
  clock: Clock
  isDraining: () => boolean
  /** The page for a person, with its policy. */
  renderPage: (reference: string, acceptLanguage: string | undefined) => string
  contentSecurityPolicy: string
  metrics: Pick<Metrics, 'requestShed'>
}

/** What a refusal says, in the dialect of the protocol and of pages. */
export const OVERLOAD_ERROR = {
  status: 503,
  code: 'temporarily_unavailable',
  description: 'More is asked of the server than it can do. Try again in a moment.',
}
/** Sign-ins wait for their turn to be hashed, not for this process, and are bounded there. They are not counted. */
const SIGN_IN_ROUTES = new Set<string | undefined>(['/auth/login', '/v1/auth/login'])
const PAGE_PATH = /^\/(?:oauth2\/(?:authorize|consent|logout|check-session)|auth|device|docs)(?:[/?]|$)/
const PROTOCOL_PATH = /^\/(?:oauth2|\.well-known)\//
const HEALTH_PATH = /^\/health(?:[/?]|$)/
/** To refuse costs something too, a fifth of what a token costs. Beyond so many a second it would take what it is to save. */
const MAX_REJECTIONS_PER_SECOND = 2_000
/** Milliseconds after which refusals that have to wait are looked at again, and how many may wait. */
const REJECTION_RETRY_MS = 10
const MAX_PENDING_REJECTIONS = 10_000
/** Seconds between two lines of the log that say how many were turned away. */
const LOG_INTERVAL_SECONDS = 5

/**
 * Turns requests away, with 503 and `Retry-After` in the dialect of their endpoint, while the backlog is full: before
 * anything is done for them. In a flood, refusals keep to a pace: as long as it waits for its refusal, a connection asks
 * nothing more, so that refusing takes no more than a part of the processor however much is asked. Health is always
 * answered.
 */
export function shedLoad(server: FastifyInstance, options: LoadSheddingOptions): void {
  const { clock, metrics } = options
  const loadShedder = createLoadShedder(clock)
  const logShedRequest = createShedLogger(server.log, loadShedder.stats, clock)
  const rejectThrottled = throttleRejections(options)
  // A request that is still being sent is not yet any work, or whoever sends slowly could fill the server.
  server.addHook('preHandler', (request, _reply, done) => {
    if (!SIGN_IN_ROUTES.has(request.routeOptions.url)) loadShedder.start(request)
    done()
  })
  // When the work is over, be there anybody left to hear of it or not.
  server.addHook('onSend', (request, _reply, _payload, done) => {
    loadShedder.finish(request)
    done()
  })
  // Before Fastify, whose listener this was.
  const [handleRequest] = server.server.listeners('request')
  server.server.removeAllListeners('request')
  const connectionScheduler = createConnectionScheduler(server.server)
  server.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Its client has hung up, and with it went the address that limits go by: nobody is there to be answered.
    if (request.socket.remoteAddress === undefined) return void request.socket.destroy()
    const start = () => void (request.socket.destroyed || handleRequest?.call(server.server, request, response))
    if (HEALTH_PATH.test(request.url ?? '')) return start()
    if (!loadShedder.isOverloaded(connectionScheduler.queueLength())) return connectionScheduler.schedule(start)
    metrics.requestShed()
    logShedRequest()
    rejectThrottled(request, response)
  })
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
    // Only who sends many requests on one connection, without waiting for answers, comes to this.
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
    // Not the same for all, who would come back together.
    'retry-after': String(1 + ((randomBytes(1)[0] ?? 0) % 5)),
    ...(policy !== undefined && { 'content-security-policy': policy }),
    ...(options.isDraining() && { connection: 'close' }),
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

/** A line in the log every few seconds, not one for each request: that would cost what was to be saved. */
function createShedLogger(log: FastifyBaseLogger, stats: () => object, clock: Clock): () => void {
  let shed = 0
  let loggedAt = 0
  return () => {
    shed += 1
    const now = clock.now().getTime()
    if (Math.abs(now - loggedAt) < LOG_INTERVAL_SECONDS * 1000) return
    log.warn({ shed, ...stats() }, 'overloaded: requests are turned away')
    shed = 0
    loggedAt = now
  }
}
