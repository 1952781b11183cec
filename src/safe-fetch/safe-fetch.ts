// `safe-fetch` is the only place that sends HTTP requests to other servers.
// It connects to public addresses only, unless the operator allows a host or network, and limits time and size.
// Interpreting the response belongs to the caller.

import { promises as dns, type LookupAddress } from 'node:dns'
import { request as requestPlainly } from 'node:http'
import { request as requestSecurely, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { createNetworkMatcher, isPublicAddress } from './public-address.ts'

export interface SafeFetchOptions {
  /** Hosts, addresses and networks in CIDR form that may be asked though they are not public, by http too. */
  allowlist: readonly string[]
  /** Certificates of authorities, in PEM, that are trusted besides the usual ones. */
  authorities: string | undefined
}

/** The addresses that a name leads to, in the order in which they are to be tried; rejects where it leads nowhere. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>

const resolveWithSystem: ResolveName = (name) => dns.lookup(name, { all: true })

/** What another server answered. */
export interface SafeFetchResponse {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

/** The one way in which this server asks others. */
export interface SafeFetch {
  /**
   * Throws `SafeFetchError` for everything but an answer, whatever its status. `largest`: the most bytes that it may
   * have.
   */
  get(url: string, options?: { maxBytes: number }): Promise<SafeFetchResponse>
  postForm(url: string, form: Readonly<Record<string, string>>): Promise<SafeFetchResponse>
}

/** Why there was no answer: for the log, since it says something of the network that we are in. */
export class SafeFetchError extends Error {
  override readonly name = 'SafeFetchError'
}

const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 262_144

/**
 * Requests by https only, without following redirects, within `TIMEOUT_MS` and `MAX_RESPONSE_BYTES`. The resolved
 * address is checked when the connection is made, and the name is not resolved again (DNS rebinding, OWASP).
 */
export function createSafeFetch(
  { allowlist, authorities }: SafeFetchOptions,
  resolveName = resolveWithSystem,
): SafeFetch {
  const allowedHosts = new Set(allowlist.map((entry) => entry.toLowerCase()))
  const isAllowedNetwork = createNetworkMatcher(allowlist)
  const ca = authorities === undefined ? undefined : [...rootCertificates, authorities]

  const isAllowedAddress = (host: string, address: string) =>
    allowedHosts.has(host) || isAllowedNetwork(address) || isPublicAddress(address)

  function send(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    maxBytes = MAX_RESPONSE_BYTES,
  ): Promise<SafeFetchResponse> {
    const target = URL.canParse(url) ? new URL(url) : undefined
    const host = target?.hostname.replace(/^\[|\]$/g, '').toLowerCase() ?? ''
    const isPlainHttp = target?.protocol === 'http:' && (allowedHosts.has(host) || isAllowedNetwork(host))
    if (!target || (target.protocol !== 'https:' && !isPlainHttp))
      throw new SafeFetchError('The address is not one of https.')
    if (target.username !== '' || target.password !== '') throw new SafeFetchError('The address holds credentials.')
    if (isIP(host) !== 0 && !isAllowedAddress(host, host)) throw new SafeFetchError(`${host} is not a public address.`)

    const resolveAllowed: LookupFunction = (name, { all }, callback) => {
      const choose = (addresses: LookupAddress[]) => {
        const allowedAddresses = addresses.filter(({ address }) => isAllowedAddress(host, address))
        const [first] = allowedAddresses
        if (!first) callback(new SafeFetchError(`${name} leads to no public address.`), '')
        else if (all === true) callback(null, allowedAddresses)
        else callback(null, first.address, first.family)
      }
      const fail = (error: Error) => callback(error, '')
      resolveName(name).then(choose, fail)
    }
    const options: RequestOptions = {
      method,
      lookup: resolveAllowed,
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
    return new Promise((fulfil, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof SafeFetchError ? error : new SafeFetchError(errorMessage(error), { cause: error }))
      const outgoing = (isPlainHttp ? requestPlainly : requestSecurely)(target, options, (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= maxBytes) chunks.push(chunk)
          else outgoing.destroy(new SafeFetchError(`The answer has more than ${maxBytes} bytes.`))
        })
        response.on('end', () =>
          fulfil({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
        response.on('error', fail)
      })
      outgoing.on('error', fail)
      outgoing.end(body)
    })
  }

  return {
    get: async (url, options) => send('GET', url, undefined, options?.maxBytes),
    postForm: async (url, form) => send('POST', url, new URLSearchParams(form).toString()),
  }
}

/** Fetches documents: the body of a success, and nothing else. Throws `SafeFetchError`. */
export function createTextFetcher(safeFetch: Pick<SafeFetch, 'get'>): (url: string) => Promise<string> {
  return async (url) => {
    const { status, body } = await safeFetch.get(url)
    if (status !== 200) throw new SafeFetchError(`The answer has the status ${status}.`)
    return body
  }
}

/** Requests a URL and returns the status of the response. Throws `SafeFetchError` if there is no response. */
export function createUrlProbe(safeFetch: Pick<SafeFetch, 'get'>): (url: string) => Promise<number> {
  return async (url) => (await safeFetch.get(url)).status
}

function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'The request failed.'
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'There was no answer in time.' : error.message
}
