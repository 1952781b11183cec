import { BlockList, isIP } from 'node:net'

/** Whether an address is one that the whole internet leads to. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && !isSpecialPurposeAddress(address)
}

/**
 * Whether an address is in one of these networks. Each family has a list of its own: in one list, `::ffff:0:0/96` holds
 * every address of IPv4.
 */
export function createNetworkMatcher(entries: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const kind = familyOf(address)
    if (kind === undefined) continue
    if (prefix === undefined) lists[kind].addAddress(address, kind)
    else lists[kind].addSubnet(address, Number(prefix), kind)
  }
  return (address) => {
    // A link-local address may name the interface that it is on.
    const [bare = ''] = address.split('%')
    const kind = familyOf(bare)
    return kind !== undefined && lists[kind].check(bare, kind)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)]
}

// What the registries of special-purpose addresses (RFC 6890) do not call globally reachable, and what would lead to such
// an address in another guise.
const isSpecialPurposeAddress = createNetworkMatcher([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])
