import { promises as dns, type LookupAddress } from 'node:dns'
import { request as requestPlainly } from 'node:http'
import { request as requestSecurely, type RequestOptions } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'

export interface OutboundOptions {
  /** Hosts, addresses and networks in CIDR form that may be asked though they are not public, by http too. */
  allow: readonly string[]
  /** Certificates of authorities, in PEM, that are trusted besides the usual ones. */
  authorities: string | undefined
}

/** The addresses that a name leads to, in the order in which they are to be tried; rejects where it leads nowhere. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>

const bySystem: ResolveName = (name) => dns.lookup(name, { all: true })

/** What another server answered. */
export interface OutboundAnswer {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

/** The one way in which this server asks others. */
export interface Outbound {
  /** Throws `OutboundError` for everything but an answer, whatever its status. `largest`: the most bytes that it may have. */
  get(url: string, options?: { largest: number }): Promise<OutboundAnswer>
  postForm(url: string, form: Readonly<Record<string, string>>): Promise<OutboundAnswer>
}

/** Why there was no answer: for the log, since it says something of the network that we are in. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
}

const TIMEOUT_MS = 5_000
const LARGEST = 262_144

/**
 * Asks by https alone, without following redirects, for so long and so much at most. Where a name leads is looked at when
 * the connection is made, not before: a name that leads elsewhere the second time leads nowhere (OWASP: DNS rebinding).
 */
export function createOutbound({ allow, authorities }: OutboundOptions, resolveName = bySystem): Outbound {
  const allowedHosts = new Set(allow.map((entry) => entry.toLowerCase()))
  const isAllowed = networks(allow)
  const ca = authorities === undefined ? undefined : [...rootCertificates, authorities]

  const mayReach = (host: string, address: string) => allowedHosts.has(host) || isAllowed(address) || isPublic(address)

  function send(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    largest = LARGEST,
  ): Promise<OutboundAnswer> {
    const target = URL.canParse(url) ? new URL(url) : undefined
    const host = target?.hostname.replace(/^\[|\]$/g, '').toLowerCase() ?? ''
    const plain = target?.protocol === 'http:' && (allowedHosts.has(host) || isAllowed(host))
    if (!target || (target.protocol !== 'https:' && !plain)) throw new OutboundError('The address is not one of https.')
    if (target.username !== '' || target.password !== '') throw new OutboundError('The address holds credentials.')
    if (isIP(host) !== 0 && !mayReach(host, host)) throw new OutboundError(`${host} is not a public address.`)

    const resolve: LookupFunction = (name, { all }, callback) => {
      const choose = (addresses: LookupAddress[]) => {
        const fit = addresses.filter(({ address }) => mayReach(host, address))
        const [first] = fit
        if (!first) callback(new OutboundError(`${name} leads to no public address.`), '')
        else if (all === true) callback(null, fit)
        else callback(null, first.address, first.family)
      }
      const fail = (error: Error) => callback(error, '')
      resolveName(name).then(choose, fail)
    }
    const options: RequestOptions = {
      method,
      lookup: resolve,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      minVersion: 'TLSv1.2',
      // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED): there is OUTBOUND_CA_FILE.
      rejectUnauthorized: true,
      headers: {
        accept: '*/*',
        'user-agent': 'cerberus',
        ...(body !== undefined && {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        }),
      },
      ...(ca && { ca }),
    }
    return new Promise((answer, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof OutboundError ? error : new OutboundError(messageOf(error), { cause: error }))
      const asking = (plain ? requestPlainly : requestSecurely)(target, options, (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= largest) chunks.push(chunk)
          else asking.destroy(new OutboundError(`The answer has more than ${largest} bytes.`))
        })
        response.on('end', () =>
          answer({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
        response.on('error', fail)
      })
      asking.on('error', fail)
      asking.end(body)
    })
  }

  return {
    get: async (url, options) => send('GET', url, undefined, options?.largest),
    postForm: async (url, form) => send('POST', url, new URLSearchParams(form).toString()),
  }
}

/** Fetches documents: the body of a success, and nothing else. Throws `OutboundError`. */
export function documentsBy(outbound: Pick<Outbound, 'get'>): (url: string) => Promise<string> {
  return async (url) => {
    const { status, body } = await outbound.get(url)
    if (status !== 200) throw new OutboundError(`The answer has the status ${status}.`)
    return body
  }
}

/** Asks what is at an address: the status of the answer, whichever it is. Throws `OutboundError` where there is none. */
export function statusesBy(outbound: Pick<Outbound, 'get'>): (url: string) => Promise<number> {
  return async (url) => (await outbound.get(url)).status
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'The request failed.'
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'There was no answer in time.' : error.message
}

/** Whether an address is one that the whole internet leads to. False for what is no address. */
export function isPublic(address: string): boolean {
  return isIP(address) !== 0 && !isSpecial(address)
}

/**
 * Whether an address is in one of these networks. Each family has a list of its own: in one list, `::ffff:0:0/96` holds
 * every address of IPv4.
 */
function networks(entries: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const kind = kindOf(address)
    if (kind === undefined) continue
    if (prefix === undefined) lists[kind].addAddress(address, kind)
    else lists[kind].addSubnet(address, Number(prefix), kind)
  }
  return (address) => {
    // A link-local address may name the interface that it is on.
    const [bare = ''] = address.split('%')
    const kind = kindOf(bare)
    return kind !== undefined && lists[kind].check(bare, kind)
  }
}

function kindOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)]
}

// What the registries of special-purpose addresses (RFC 6890) do not call globally reachable, and what would lead to such
// an address in another guise.
const isSpecial = networks([
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
