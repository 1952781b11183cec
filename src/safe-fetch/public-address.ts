import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** IANA allocates global unicast addresses of IPv6 from this network only (RFC 4291 §2.4). */
const GLOBAL_UNICAST_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address is reachable from the whole internet. False for every range of the special-purpose registries
 * (RFC 6890), and for text that is not an address. IPv4 addresses inside IPv6 (mapped, NAT64, 6to4) are not public either.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST_IPV6)
}

/**
 * Returns a function that checks whether an address is in one of the networks. Entries are addresses or networks in CIDR
 * form; others are ignored. A network of IPv6 contains no IPv4 address, not even `::ffff:0:0/96`.
 */
export function createNetworkMatcher(entries: readonly string[]): (address: string) => boolean {
  const networks = entries.map(parseNetwork).filter((network) => network !== undefined)
  return (address) => {
    const parsed = parseAddress(address)
    return networks.some(([base, length]) => parsed?.kind() === base.kind() && parsed.match([base, length]))
  }
}

function parseNetwork(entry: string): [Address, number] | undefined {
  const [address = '', length] = entry.split('/')
  const parsed = parseAddress(address)
  if (!parsed) return undefined
  if (length === undefined) return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined
}

/** `isIP` goes first, because ipaddr.js also reads octal, hexadecimal and shortened addresses. */
function parseAddress(address: string): Address | undefined {
  // The zone of a link-local address names an interface.
  const [bare = ''] = address.split('%')
  return isIP(bare) === 0 ? undefined : ipaddr.parse(bare)
}
