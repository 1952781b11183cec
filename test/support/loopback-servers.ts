// Other servers, on loopback: by http, by https, and by nothing at all.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { LookupAddress } from 'node:dns'
import { SafeFetchError } from '../../src/safe-fetch/safe-fetch.ts'
import type { TestCertificate } from './certificates.ts'

const closing: (() => Promise<unknown>)[] = []

/** Ends all of them. */
export async function closeServers(): Promise<void> {
  for (const close of closing.splice(0)) await close()
}

/** Listens, and counts connections. */
export async function startLoopbackServer(server: Server) {
  const open = new Set<Socket>()
  const seen = { port: 0, connections: 0, open }
  server.on('connection', (socket) => {
    seen.connections += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  seen.port = (server.address() as AddressInfo).port
  closing.push(() => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return seen
}

export const startHttpServer = (listener: RequestListener) => startLoopbackServer(createServer(listener))
export const startHttpsServer = (
  listener: RequestListener,
  { certificate: cert, key }: TestCertificate,
  more: ServerOptions = {},
) => startLoopbackServer(createSecureServer({ cert, key, ...more }, listener).on('tlsClientError', () => undefined))
export const respondHello: RequestListener = (_request, response) => void response.end('hello')

/** Every name leads to loopback, but for those that are listed. */
export const createLoopbackResolver =
  (elsewhere: Record<string, string[]> = {}) =>
  async (name: string): Promise<LookupAddress[]> =>
    (elsewhere[name] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** Why there was no answer; rejects where there was one, and where it failed in another way than is promised. */
export const expectFetchError = (asking: Promise<unknown>): Promise<SafeFetchError> =>
  asking.then(
    (answer) => Promise.reject(new Error(`There was an answer: ${JSON.stringify(answer)}`)),
    (error: unknown) => (error instanceof SafeFetchError ? error : Promise.reject(error as Error)),
  )
