import { parseIp, parseIpNetwork } from '../lib/network-address.ts'

/** IANA allocates global unicast addresses of IPv6 from this network only (RFC 4291 §2.4). */
const GLOBAL_UNICAST_IPV6 = parseIpNetwork('2000::/3')

/**
 * Whether an address is reachable from the whole internet. False for every range of the special-purpose registries
 * (RFC 6890), and for text that is not an address. IPv4 addresses inside IPv6 (mapped, NAT64, 6to4) are not public either.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseIp(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || (GLOBAL_UNICAST_IPV6 !== undefined && parsed.match(GLOBAL_UNICAST_IPV6))
}

/**
 * Returns a function that checks whether an address is in one of the networks. Entries are addresses or networks in CIDR
 * form; others are ignored. A network of IPv6 contains no IPv4 address, not even `::ffff:0:0/96`.
 */
export function createNetworkMatcher(entries: readonly string[]): (address: string) => boolean {
  const networks = entries.map(parseIpNetwork).filter((network) => network !== undefined)
  return (address) => {
    const parsed = parseIp(address)
    return networks.some(([base, length]) => parsed?.kind() === base.kind() && parsed.match([base, length]))
  }
}
