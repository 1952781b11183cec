import { compile } from '@fastify/proxy-addr'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import { parseNetworkAddress, unknownAddress, type NetworkAddress } from '../../lib/network-address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The address of the client, which limits count and which is stored. `request.ip` is not used anywhere. */
    readonly clientAddress: NetworkAddress
  }
}

/**
 * Gives requests their `clientAddress`. It is the peer of the connection. If the peer is a trusted proxy, it is the last
 * address of `X-Forwarded-For` that is not one. A proxy that forwards no address stands for its clients.
 */
export function addClientAddress(server: FastifyInstance, trustedProxies: readonly string[]): void {
  const isTrusted = compile([...trustedProxies])
  const parsed = new WeakMap<object, NetworkAddress>()
  const peerOf = createPeerAddresses()
  server.decorateRequest('clientAddress', {
    getter(this: FastifyRequest) {
      const known = parsed.get(this.raw)
      if (known) return known
      const address = findClientAddress(this, peerOf(this.raw.socket), isTrusted)
      parsed.set(this.raw, address)
      return address
    },
  })
}

/** The address of a connection's peer, parsed at its first request. */
function createPeerAddresses(): (socket: Socket) => NetworkAddress | undefined {
  const known = new WeakMap<Socket, NetworkAddress>()
  return (socket) => {
    const found = known.get(socket) ?? parseNetworkAddress(socket.remoteAddress ?? '')
    if (found) known.set(socket, found)
    return found
  }
}

function findClientAddress(
  { headers }: FastifyRequest,
  peer: NetworkAddress | undefined,
  isTrusted: (address: string, hop: number) => boolean,
): NetworkAddress {
  if (!peer) return unknownAddress
  let address = peer
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',')
  for (let hop = 0; isTrusted(address.text, hop); hop += 1) {
    const next = parseNetworkAddress(forwarded.pop() ?? '')
    if (!next) return address
    address = next
  }
  return address
}
