// `http` owns everything that routes need of HTTP: servers and listeners, error formats, reading of requests, security
// headers, rate limits, overload control and metrics. `http/server` creates the Fastify instance and its listeners.
// It knows Fastify and the terms of the protocol. Clients, users and storage belong to the rooms above it.

import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import type { Server as NetServer } from 'node:net'
import { addClientAddress } from '../request/client-address.ts'
import { rejectEncodedBodies } from '../request/content-coding.ts'
import { requestId } from '../request/request-id.ts'
import { addSecurityHeaders } from '../security/security-headers.ts'
import { createConnectionsPerAddress } from '../overload/connections-per-address.ts'
import { createSlowReaderGuard } from '../overload/slow-readers.ts'
import { CONNECTION_LIMITS, DEFAULT_CONNECTIONS_PER_ADDRESS, limitConnections } from './connection-limits.ts'
import { rejectMalformedRequest, rejectUnroutableRequest } from './malformed-request.ts'
import { rejectMalformedTargets, toOriginForm } from './request-target.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Limits the connections of each address at a further listener. */
    limitPerAddress: (listener: NetServer) => void
  }
}

/** The links of invitations are in a path of the JSON API, too. */
const INVITATION_TOKEN = /inv_[A-Za-z0-9_-]{20,}/

export interface ServerOptions {
  issuer: string
  logger: FastifyBaseLogger
  /** Addresses and networks whose `X-Forwarded-For` is trusted. */
  trustedProxies: readonly string[]
  /** Whether browsers use https: responses then forbid plain http (RFC 6797). */
  https: boolean
  /** Connections that one address may keep open. */
  connectionsPerAddress?: number | undefined
  /** Decides for each request of the HTTP server whether Fastify handles it. */
  guardRequests: (server: Server, handleRequest: RequestListener) => RequestListener
}

/** The largest body of an OAuth message or a form, in bytes. */
export const MAX_FORM_BYTES = 32_768
const MAX_BODY_BYTES = 131_072

/** A Fastify instance without routes, with limits on the time, size and number of requests. */
export function createServer({
  issuer,
  logger,
  trustedProxies,
  connectionsPerAddress = DEFAULT_CONNECTIONS_PER_ADDRESS,
  https,
  guardRequests,
}: ServerOptions): FastifyInstance {
  const limitPerAddress = createConnectionsPerAddress({ max: connectionsPerAddress, trustedProxies })
  const guardSlowReaders = createSlowReaderGuard()
  const server = Fastify({
    serverFactory(handleRequest) {
      const httpServer = createHttpServer({ ...CONNECTION_LIMITS })
      limitConnections(httpServer)
      limitPerAddress(httpServer)
      httpServer.on('request', toOriginForm)
      return httpServer.on('request', guardSlowReaders(guardRequests(httpServer, handleRequest)))
    },
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Routes parse their query themselves: OAuth messages with `readQuery`, JSON routes with `registerQueryParser`.
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false, querystringParser: () => ({}) },
    genReqId: ({ headers }) => requestId(headers),
    frameworkErrors: (error, request, reply) => rejectUnroutableRequest(error, request, reply, { issuer, https }),
    clientErrorHandler: (error, socket) => rejectMalformedRequest(error, socket, { issuer, https }),
  })
  server.removeContentTypeParser('text/plain')
  addClientAddress(server, trustedProxies)
  server.decorate('limitPerAddress', limitPerAddress)
  addSecurityHeaders(server, https)
  rejectMalformedTargets(server)
  rejectEncodedBodies(server)
  server.addHook('onResponse', (request, reply, done) => {
    // Without the query, which may contain codes, states and e-mail addresses.
    const path = request.url.split('?', 1)[0]?.replace(INVITATION_TOKEN, 'inv_…')
    // Probes arrive every few seconds and say nothing while they succeed.
    const isProbe = path === '/health' || path?.startsWith('/health/') === true
    const level = isProbe && reply.statusCode < 400 ? 'debug' : 'info'
    request.log[level](
      {
        method: request.method,
        path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ip: request.clientAddress.text,
      },
      'request completed',
    )
    done()
  })
  return server
}
