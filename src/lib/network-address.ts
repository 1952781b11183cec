import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

export type Ip = ipaddr.IPv4 | ipaddr.IPv6

/** A network of addresses: its base and the length of its prefix. */
export type IpNetwork = [base: Ip, prefixLength: number]

/** The address of a client, parsed once. */
export interface NetworkAddress {
  /** The address in its canonical notation (RFC 5952), which is stored and logged; empty if it is unknown. */
  text: string
  /**
   * What rate limits count: the IPv4 address, or the /64 of an IPv6 address, because one host has all addresses of a /64
   * (RFC 4291 §2.5.1).
   */
  network: string
}

/** For connections without an address, such as those of a unix socket. They share one limit. */
export const unknownAddress: NetworkAddress = { text: '', network: 'unknown' }

const NETWORK_BYTES = 8
/** `192.0.2.1:443`, `[2001:db8::1]` and `[2001:db8::1]:443`, as proxies write them (RFC 7239 §6). */
const WITH_PORT = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/

/**
 * Parses an address in any notation: with a port, a zone or quotes, and IPv4 inside IPv6 (mapped, RFC 4291 §2.5.5.2;
 * translated, RFC 6052 §2.1), which is the IPv4 address. Returns undefined for everything else, such as a name.
 */
export function parseNetworkAddress(given: string): NetworkAddress | undefined {
  const text = given.trim().replace(/^"(.*)"$/, '$1')
  const [, bracketed, bare] = WITH_PORT.exec(text) ?? []
  const ip = parseIp(bracketed ?? bare ?? text)
  if (!ip) return undefined
  const address = ip instanceof ipaddr.IPv6 ? (embeddedIpv4(ip) ?? ip) : ip
  if (address instanceof ipaddr.IPv4) return { text: address.toString(), network: address.toString() }
  const network = [...address.toByteArray().slice(0, NETWORK_BYTES), ...Array<number>(16 - NETWORK_BYTES).fill(0)]
  return { text: address.toRFC5952String(), network: `${new ipaddr.IPv6(network).toRFC5952String()}/64` }
}

function embeddedIpv4(ip: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const range = ip.range()
  if (range !== 'ipv4Mapped' && range !== 'rfc6052') return undefined
  return new ipaddr.IPv4(ip.toByteArray().slice(12))
}

/** An address without port. `isIP` goes first, because ipaddr.js also reads octal, hexadecimal and shortened addresses. */
export function parseIp(address: string): Ip | undefined {
  // The zone of a link-local address names an interface.
  const [bare = ''] = address.split('%')
  return isIP(bare) === 0 ? undefined : ipaddr.parse(bare)
}

/** An address or a network in CIDR form. */
export function parseIpNetwork(entry: string): IpNetwork | undefined {
  const [address = '', length] = entry.split('/')
  const parsed = parseIp(address)
  if (!parsed) return undefined
  if (length === undefined) return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined
}

/** Whether an address is in one of these networks, which are addresses or in CIDR form. */
export function isInNetworks({ text }: NetworkAddress, networks: readonly string[]): boolean {
  const ip = parseIp(text)
  return networks.some((entry) => {
    const network = parseIpNetwork(entry)
    return ip !== undefined && network !== undefined && ip.kind() === network[0].kind() && ip.match(network)
  })
}
