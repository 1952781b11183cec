// `http` is the edge: what every capability's routes need of HTTP and none should do for itself. Parsing forms, three
// error dialects, cookies, cross-site refusals, CORS, limits, headers. It knows Fastify and the protocol's words, and
// nothing of clients, people or storage.

import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { addSecurityHeaders } from '../security/security-headers.ts'
import { rejectMalformedRequest, rejectUnroutableRequest } from './malformed-request.ts'
import { requestId } from '../request/request-id.ts'
import { rejectMalformedTargets } from './request-target.ts'

export interface ServerOptions {
  issuer: string
  logger: FastifyBaseLogger
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[]
  /** Whether browsers reach us by https, so that they may be told to never use anything else. */
  https: boolean
}

/** The largest body of an OAuth message or a form, in bytes. */
export const MAX_FORM_BYTES = 32_768

/** More than may be under way at once: who comes beyond that is to be told so, not cut off. */
export const MAX_CONNECTIONS = 10_000

/** A Fastify instance that is safe to put routes on: bounded in time, size and number, and silent about itself. */
export function createServer({ issuer, logger, trustedProxies, https }: ServerOptions): FastifyInstance {
  const server = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: 131_072,
    requestTimeout: 20_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    maxRequestsPerSocket: 0,
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Queries are read by those who want them: OAuth's by `readQuery`, those of JSON routes after `acceptQueries`.
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false, querystringParser: () => ({}) },
    genReqId: ({ headers }) => requestId(headers),
    frameworkErrors: (error, request, reply) => rejectUnroutableRequest(error, request, reply, { issuer, https }),
    clientErrorHandler: (error, socket) => rejectMalformedRequest(error, socket, { issuer, https }),
  })
  server.server.maxConnections = MAX_CONNECTIONS
  server.removeContentTypeParser('text/plain')
  addSecurityHeaders(server, https)
  rejectMalformedTargets(server)
  server.addHook('onResponse', (request, reply, done) => {
    // The path alone: queries carry codes, states and hints.
    const path = request.url.split('?', 1)[0]
    request.log.info(
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime), ip: request.ip },
      'answered',
    )
    done()
  })
  return server
}
