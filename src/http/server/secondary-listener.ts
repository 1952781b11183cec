import type { FastifyInstance } from 'fastify'
import { createServer, type Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Server as NetServer, Socket } from 'node:net'
import { CONNECTION_LIMITS, limitConnections } from './connection-limits.ts'
import { rejectMalformedRequest, type MalformedRequestOptions } from './malformed-request.ts'

export interface Listener {
  /** Rejects when the address cannot be used. Call it when the app is ready. */
  listen(address: { host: string; port: number; backlog?: number }): Promise<void>
}

const IDLE_CONNECTION_CHECK_MS = 100

/**
 * A listener of plain HTTP for the routes of `app` at a second address. `localhost` is two addresses, and Fastify listens
 * at one of them when it is given a server of ours.
 */
export function createSecondaryListener(app: FastifyInstance, options: MalformedRequestOptions): Listener {
  const server = createServer({ ...CONNECTION_LIMITS })
  attachToApp(app, server, options)
  return { listen: (address) => startListening(server, address) }
}

/** Passes the requests of `server` to `app`, and closes it with `app`. */
export function attachToApp(
  app: FastifyInstance,
  server: Server | TlsServer,
  { issuer, https }: MalformedRequestOptions,
): void {
  limitConnections(server)
  app.limitPerAddress(server)
  // Emitting the event on the main server applies its load shedding.
  server.on('request', (request, response) => void app.server.emit('request', request, response))
  server.on('clientError', (error, socket) => rejectMalformedRequest(error, socket as Socket, { issuer, https }))
  let closed: Promise<void> = Promise.resolve()
  app.addHook('preClose', (done) => {
    if (server.listening) closed = closeGracefully(server)
    done()
  })
  app.addHook('onClose', () => closed)
}

export function startListening(
  server: NetServer,
  address: { host: string; port: number; backlog?: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
}

/** Lets requests in progress finish, and closes connections as they become idle. */
async function closeGracefully(server: Server | TlsServer): Promise<void> {
  const idleCheck = setInterval(() => server.closeIdleConnections(), IDLE_CONNECTION_CHECK_MS)
  await new Promise((resolve) => server.close(resolve))
  clearInterval(idleCheck)
}
