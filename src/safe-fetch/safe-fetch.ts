// `safe-fetch` is the only place that sends HTTP requests to other servers.
// It connects to public addresses only, unless the operator allows a host or network, and limits time and size.
// Interpreting the response belongs to the caller.

import { parseUrl } from '../lib/url.ts'
import { promises as dns, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { ACCEPTED_CODINGS } from './content-coding.ts'
import { createNetworkMatcher, isPublicAddress } from './public-address.ts'
import { isUtf8, readBody, type BodyLimit } from './response-body.ts'
import { SafeFetchError } from './safe-fetch-error.ts'

export { SafeFetchError }

export interface SafeFetchOptions {
  /** Hosts, addresses and networks in CIDR form that are allowed although they are not public, and over http. */
  allowlist: readonly string[]
  /** Certificates of authorities in PEM that are trusted in addition to those of Node. */
  authorities: string | undefined
}

/** Resolves a host name to its addresses in order of preference. Rejects when it has none. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>

const resolveWithSystem: ResolveName = (name) => dns.lookup(name, { all: true })

export interface SafeFetchResponse {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The decoded body as text, without a byte order mark. */
  body: string
  /** Whether the body is UTF-8. If not, `body` has replacement characters. */
  isUtf8: boolean
}

/** Sends requests to other servers. Throws `SafeFetchError` when there is no response; every status is a response. */
export interface SafeFetch {
  get(url: string, options?: { maxBytes: number }): Promise<SafeFetchResponse>
  postForm(url: string, form: Readonly<Record<string, string>>): Promise<SafeFetchResponse>
  /**
   * Keeps connections for the next request. At most `keptBytes` of the response are returned. A request that fails because its
   * kept connection was closed is sent once more, so that the receiver may see it twice.
   */
  postJson(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    limits: { timeoutMs: number; keptBytes: number },
  ): Promise<SafeFetchResponse>
  /** Why no request is ever sent to this URL; undefined for one whose name must be resolved first, or that is allowed. */
  rejectionOf(url: string): string | undefined
}

interface OutgoingRequest {
  method: 'GET' | 'POST'
  url: string
  body?: string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
  limit: BodyLimit
  /** Whether the connection is kept for the next request. */
  keepAlive: boolean
}

const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 262_144
/** Idle connections are closed after the timeout. */
const KEPT_CONNECTIONS = { keepAlive: true, maxFreeSockets: 32, timeout: 15_000 } as const

/**
 * Sends requests over https, without following redirects, with limits on time and size. Addresses are checked when the
 * connection is made, so that a name cannot resolve to another address after the check (DNS rebinding).
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

  const httpAgent = new HttpAgent(KEPT_CONNECTIONS)
  const httpsAgent = new HttpsAgent(KEPT_CONNECTIONS)

  /** The URL and the host of an allowed target. Throws `SafeFetchError`. */
  function targetOf(url: string) {
    const target = parseUrl(url)
    const host = target?.hostname.replace(/^\[|\]$/g, '').toLowerCase() ?? ''
    const isPlainHttp = target?.protocol === 'http:' && (allowedHosts.has(host) || isAllowedNetwork(host))
    if (!target || (target.protocol !== 'https:' && !isPlainHttp))
      throw new SafeFetchError('The URL is not an https URL.')
    if (target.username !== '' || target.password !== '') throw new SafeFetchError('The URL contains credentials.')
    if (isIP(host) !== 0 && !isAllowedAddress(host, host)) throw new SafeFetchError(`${host} is not a public address.`)
    return { target, host, isPlainHttp }
  }

  async function send(request: OutgoingRequest): Promise<SafeFetchResponse> {
    const { method, url, body, headers, timeoutMs, limit, keepAlive } = request
    const { target, host, isPlainHttp } = targetOf(url)
    const resolveAllowed: LookupFunction = (name, { all }, callback) => {
      const choose = (addresses: LookupAddress[]) => {
        const allowedAddresses = addresses.filter(({ address }) => isAllowedAddress(host, address))
        const [first] = allowedAddresses
        if (!first) callback(new SafeFetchError(`${name} resolves to no public address.`), '')
        else if (all === true) callback(null, allowedAddresses)
        else callback(null, first.address, first.family)
      }
      const fail = (error: Error) => callback(error, '')
      resolveName(name).then(choose, fail)
    }
    const options: RequestOptions = {
      method,
      lookup: resolveAllowed,
      agent: keepAlive && (isPlainHttp ? httpAgent : httpsAgent),
      signal: AbortSignal.timeout(timeoutMs),
      minVersion: 'TLSv1.2',
      // Overrides NODE_TLS_REJECT_UNAUTHORIZED. OUTBOUND_CA_FILE adds authorities.
      rejectUnauthorized: true,
      headers: {
        accept: '*/*',
        'accept-encoding': ACCEPTED_CODINGS,
        'user-agent': 'cerberus',
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      ...(ca && { ca }),
    }
    return new Promise((fulfil, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof SafeFetchError ? error : new SafeFetchError(errorMessage(error), { cause: error }))
      const outgoing = (isPlainHttp ? httpRequest : httpsRequest)(target, options, (response) => {
        readBody(response, limit).then(
          (bytes) =>
            fulfil({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: bytes.toString('utf8').replace(/^\ufeff/, ''),
              isUtf8: isUtf8(bytes),
            }),
          (error: unknown) => {
            outgoing.destroy()
            fail(error)
          },
        )
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const wasKept = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        if (wasKept) fulfil(send({ ...request, keepAlive: false }))
        else fail(error)
      })
      outgoing.end(body)
    })
  }

  const once = { timeoutMs: TIMEOUT_MS, limit: { maxBytes: MAX_RESPONSE_BYTES, cuts: false }, keepAlive: false }
  return {
    get: (url, { maxBytes } = { maxBytes: MAX_RESPONSE_BYTES }) =>
      send({ ...once, method: 'GET', url, headers: {}, limit: { maxBytes, cuts: false } }),
    postForm: (url, form) =>
      send({
        ...once,
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
    postJson: (url, body, headers, { timeoutMs, keptBytes }) =>
      send({
        method: 'POST',
        url,
        headers,
        body,
        timeoutMs,
        limit: { maxBytes: keptBytes, cuts: true },
        keepAlive: true,
      }),
    rejectionOf(url) {
      try {
        targetOf(url)
        return undefined
      } catch (error) {
        return errorMessage(error)
      }
    },
  }
}

/**
 * Returns a function that fetches the body of a response with status 200, in UTF-8. It throws `SafeFetchError` for any other.
 */
export function createTextFetcher(safeFetch: Pick<SafeFetch, 'get'>): (url: string) => Promise<string> {
  return async (url) => {
    const { status, body, isUtf8: isText } = await safeFetch.get(url)
    if (status !== 200) throw new SafeFetchError(`The response has status ${status}.`)
    if (!isText) throw new SafeFetchError('The response is not encoded in UTF-8.')
    return body
  }
}

/** Returns a function that sends a GET request and returns the status of the response. */
export function createUrlProbe(safeFetch: Pick<SafeFetch, 'get'>): (url: string) => Promise<number> {
  return async (url) => (await safeFetch.get(url)).status
}

function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'The request failed.'
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'There was no response in time.' : error.message
}
