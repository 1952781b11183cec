import { compile } from '@fastify/proxy-addr'
import type { Server, Socket } from 'node:net'
import { parseNetworkAddress, unknownAddress } from '../../lib/network-address.ts'

export interface ConnectionsPerAddressOptions {
  /** Connections that one IPv4 address, or one /64 of IPv6, may keep open at the same time. */
  max: number
  /** Addresses and networks of proxies, which connect for all their clients and are not limited. */
  trustedProxies: readonly string[]
}

/**
 * Limits the connections of each address. The returned function applies the limit to a listener; all listeners of a process
 * share it. A connection beyond the limit is closed before anything is read from it.
 */
export function createConnectionsPerAddress({
  max,
  trustedProxies,
}: ConnectionsPerAddressOptions): (server: Server) => void {
  const isTrustedProxy = compile([...trustedProxies])
  const open = new Map<string, number>()

  function admit(socket: Socket): void {
    const { text, network } = parseNetworkAddress(socket.remoteAddress ?? '') ?? unknownAddress
    if (text === '' || isTrustedProxy(text, 0)) return
    const count = open.get(network) ?? 0
    if (count >= max) return void socket.destroy()
    open.set(network, count + 1)
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  }

  return (server) => void server.prependListener('connection', admit)
}
