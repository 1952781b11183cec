import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createBacklog } from '../lib/backlog.ts'
import type { Clock } from '../lib/clock.ts'
import { createPace } from '../lib/pace.ts'
import { randomBytes } from '../lib/random.ts'
import { securityHeaderFields } from './headers.ts'
import type { Metrics } from './metrics.ts'
import { Problem, problemBody } from './problem-dialect.ts'
import { requestId } from './request-id.ts'
import { takeTurns } from './turns.ts'

export interface AdmissionOptions {
  issuer: string
  https: boolean
  clock: Clock
  isDraining: () => boolean
  /** The page for a person, with its policy. */
  page: (reference: string, acceptLanguage: string | undefined) => string
  contentSecurityPolicy: string
  metrics: Pick<Metrics, 'requestShed'>
}

/** What a refusal says, in the dialect of the protocol and of pages. */
export const OVERLOADED = {
  status: 503,
  code: 'temporarily_unavailable',
  description: 'More is asked of the server than it can do. Try again in a moment.',
}
/** Sign-ins wait for their turn to be hashed, not for this process, and are bounded there. They are not counted. */
const SIGN_INS = new Set<string | undefined>(['/auth/login', '/v1/auth/login'])
const PAGES = /^\/(?:oauth2\/(?:authorize|consent|logout|check-session)|auth|device|docs)(?:[/?]|$)/
const PROTOCOL = /^\/(?:oauth2|\.well-known)\//
const HEALTH = /^\/health(?:[/?]|$)/
/** To refuse costs something too, a fifth of what a token costs. Beyond so many a second it would take what it is to save. */
const REFUSALS_PER_SECOND = 2_000
/** Milliseconds after which refusals that have to wait are looked at again, and how many may wait. */
const TICK = 10
const MOST_WAITING = 10_000
/** Seconds between two lines of the log that say how many were turned away. */
const LINE_SECONDS = 5

/**
 * Turns requests away, with 503 and `Retry-After` in the dialect of their endpoint, while the backlog is full: before
 * anything is done for them. In a flood, refusals keep to a pace: as long as it waits for its refusal, a connection asks
 * nothing more, so that refusing takes no more than a part of the processor however much is asked. Health is always
 * answered.
 */
export function shedOverload(server: FastifyInstance, options: AdmissionOptions): void {
  const { clock, metrics } = options
  const backlog = createBacklog(clock)
  const counted = countShed(server.log, backlog.state, clock)
  const refuseInTime = paceRefusals(options)
  // A request that is still being sent is not yet any work, or whoever sends slowly could fill the server.
  server.addHook('preHandler', (request, _reply, done) => {
    if (!SIGN_INS.has(request.routeOptions.url)) backlog.begin(request)
    done()
  })
  // When the work is over, be there anybody left to hear of it or not.
  server.addHook('onSend', (request, _reply, _payload, done) => {
    backlog.end(request)
    done()
  })
  // Before Fastify, whose listener this was.
  const [handle] = server.server.listeners('request')
  server.server.removeAllListeners('request')
  const turns = takeTurns(server.server)
  server.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // Its client has hung up, and with it went the address that limits go by: nobody is there to be answered.
    if (request.socket.remoteAddress === undefined) return void request.socket.destroy()
    const begin = () => void (request.socket.destroyed || handle?.call(server.server, request, response))
    if (HEALTH.test(request.url ?? '')) return begin()
    if (!backlog.isFull(turns.waiting())) return turns.begin(begin)
    metrics.requestShed()
    counted()
    refuseInTime(request, response)
  })
}

function paceRefusals(options: AdmissionOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const mayRefuse = createPace(REFUSALS_PER_SECOND, options.clock)
  const waiting = new Map<ServerResponse, IncomingMessage>()

  function refuseSome(): void {
    for (const [response, request] of waiting) {
      if (!request.socket.destroyed) {
        if (!mayRefuse()) break
        refuse(request, response, options)
      }
      waiting.delete(response)
    }
    if (waiting.size > 0) setTimeout(refuseSome, TICK)
  }

  return (request, response) => {
    if (waiting.size === 0 && mayRefuse()) return refuse(request, response, options)
    // Only who sends many requests on one connection, without waiting for answers, comes to this.
    if (waiting.size >= MOST_WAITING) return void request.socket.destroy()
    if (waiting.size === 0) setTimeout(refuseSome, TICK)
    waiting.set(response, request)
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, options: AdmissionOptions): void {
  const id = requestId(request.headers)
  const { type, body, policy } = refusalOf(request, id, options)
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

const OAUTH = JSON.stringify({ error: OVERLOADED.code, error_description: OVERLOADED.description })

function refusalOf(
  { url = '', headers }: IncomingMessage,
  id: string,
  { issuer, page, contentSecurityPolicy }: AdmissionOptions,
): { type: string; body: string; policy?: string } {
  if (PAGES.test(url)) {
    const body = page(id, headers['accept-language'])
    return { type: 'text/html; charset=utf-8', body, policy: contentSecurityPolicy }
  }
  if (PROTOCOL.test(url)) return { type: 'application/json', body: OAUTH }
  const problem = new Problem(503, 'unavailable', OVERLOADED.description)
  return { type: 'application/problem+json', body: JSON.stringify(problemBody(problem, id, issuer)) }
}

/** A line in the log every few seconds, not one for each request: that would cost what was to be saved. */
function countShed(log: FastifyBaseLogger, state: () => object, clock: Clock): () => void {
  let shed = 0
  let saidAt = 0
  return () => {
    shed += 1
    const now = clock.now().getTime()
    if (Math.abs(now - saidAt) < LINE_SECONDS * 1000) return
    log.warn({ shed, ...state() }, 'overloaded: requests are turned away')
    shed = 0
    saidAt = now
  }
}
