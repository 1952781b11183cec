// `safe-fetch` is the only place that sends HTTP requests to other servers.
// It connects to public addresses only, unless the operator allows a host or network, and limits time and size.
// Interpreting the response belongs to the caller.

import { parseUrl } from '../lib/url.ts'
import { promises as dns, type LookupAddress } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { ACCEPTED_CODINGS, createDecoder } from './content-coding.ts'
import { createNetworkMatcher, isPublicAddress } from './public-address.ts'

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
}

/** The reason why there was no response. For the log only, because it may reveal details of our network. */
export class SafeFetchError extends Error {
  override readonly name = 'SafeFetchError'
}

const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 262_144

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

  function send(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    maxBytes = MAX_RESPONSE_BYTES,
  ): Promise<SafeFetchResponse> {
    const target = parseUrl(url)
    const host = target?.hostname.replace(/^\[|\]$/g, '').toLowerCase() ?? ''
    const isPlainHttp = target?.protocol === 'http:' && (allowedHosts.has(host) || isAllowedNetwork(host))
    if (!target || (target.protocol !== 'https:' && !isPlainHttp))
      throw new SafeFetchError('The URL is not an https URL.')
    if (target.username !== '' || target.password !== '') throw new SafeFetchError('The URL contains credentials.')
    if (isIP(host) !== 0 && !isAllowedAddress(host, host)) throw new SafeFetchError(`${host} is not a public address.`)

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
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      minVersion: 'TLSv1.2',
      // Overrides NODE_TLS_REJECT_UNAUTHORIZED. OUTBOUND_CA_FILE adds authorities.
      rejectUnauthorized: true,
      headers: {
        accept: '*/*',
        'accept-encoding': ACCEPTED_CODINGS,
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
      const outgoing = (isPlainHttp ? httpRequest : httpsRequest)(target, options, (response) => {
        readBody(response, maxBytes).then(
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
      outgoing.on('error', fail)
      outgoing.end(body)
    })
  }

  return {
    get: async (url, options) => send('GET', url, undefined, options?.maxBytes),
    postForm: async (url, form) => send('POST', url, new URLSearchParams(form).toString()),
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

/**
 * Reads a response and decodes it (RFC 9110 §8.4). The limit holds before and after decoding, because a small response may
 * decode to a large one.
 */
function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const decoder = createDecoder(response.headers['content-encoding'])
    const fail = (error: Error) => {
      response.destroy()
      decoder?.destroy()
      reject(error)
    }
    const tooLarge = () => fail(new SafeFetchError(`The response has more than ${maxBytes} bytes.`))
    const chunks: Buffer[] = []
    let received = 0
    let decoded = 0
    response.on('error', fail)
    if (decoder) {
      response.on('data', (chunk: Buffer) => {
        received += chunk.length
        if (received > maxBytes) tooLarge()
      })
      decoder.on('error', fail)
      response.pipe(decoder)
    }
    const source = decoder ?? response
    source.on('data', (chunk: Buffer) => {
      decoded += chunk.length
      if (decoded <= maxBytes) chunks.push(chunk)
      else tooLarge()
    })
    source.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'The request failed.'
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'There was no response in time.' : error.message
}
