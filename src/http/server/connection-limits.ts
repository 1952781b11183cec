import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'

/** Times in milliseconds and sizes in bytes, for each connection of any listener. */
export const CONNECTION_LIMITS = {
  requestTimeout: 20_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 72_000,
  maxHeaderSize: 16_384,
} as const

const IDLE_TIMEOUT_MS = 60_000

/** More than the requests that may be in progress: a client beyond that gets a response, not a closed connection. */
const MAX_CONNECTIONS = 10_000

/** Connections of one address, unless configured otherwise. Many users may share one address. */
export const DEFAULT_CONNECTIONS_PER_ADDRESS = 1_000

/** Sets the limits that the constructor of an HTTP server does not accept. */
export function limitConnections(server: Server | TlsServer): void {
  server.timeout = IDLE_TIMEOUT_MS
  server.maxConnections = MAX_CONNECTIONS
}
