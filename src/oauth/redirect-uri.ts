import { parseUrl } from '../lib/url.ts'

/** The client type: whether the client can keep a secret (RFC 6749 §2.1). */
export type ClientType = 'confidential' | 'public'

const LOOPBACK_LITERAL = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?(?=[/?]|$)/

/**
 * The registered redirect URI that matches `presented`, or undefined. The comparison is exact (RFC 9700 §2.1), except that
 * the port of a loopback redirect URI of a public client may differ (RFC 8252 §7.3).
 */
export function matchRedirectUri(
  registered: readonly string[],
  presented: string,
  clientType: ClientType,
): string | undefined {
  const exact = registered.find((uri) => uri === presented)
  if (exact !== undefined || clientType === 'confidential') return exact
  const portless = withoutLoopbackPort(presented)
  return portless === undefined ? undefined : registered.find((uri) => withoutLoopbackPort(uri) === portless)
}

function withoutLoopbackPort(uri: string): string | undefined {
  const match = LOOPBACK_LITERAL.exec(uri)
  // A port above 65535 is not a valid URL.
  return match && parseUrl(uri) ? `http://${match[1]}${uri.slice(match[0].length)}` : undefined
}

/**
 * Why `uri` cannot be registered as a redirect URI, or undefined. It must be absolute, without fragment, credentials and
 * wildcards, and use https or http on a loopback host. Public clients may use a private-use scheme with a dot (RFC 8252
 * §7.1).
 */
export function redirectUriProblem(uri: string, clientType: ClientType): string | undefined {
  const uriProblem = absoluteUriProblem(uri)
  if (uriProblem) return uriProblem
  const { protocol, hostname } = new URL(uri)
  if (protocol === 'https:') return undefined
  if (protocol === 'http:') {
    return isLoopbackHost(hostname) ? undefined : 'must use https; http is only for localhost, 127.0.0.1 and [::1]'
  }
  if (clientType === 'confidential') return 'must use https'
  if (!protocol.includes('.')) {
    return 'must use https, or a private-use scheme in reverse domain form such as com.example.app:/callback'
  }
  return undefined
}

/** Why `uri` is rejected as a redirect target, or undefined. */
function absoluteUriProblem(uri: string): string | undefined {
  if (uri.length > 2000) return 'must have at most 2000 characters'
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'must contain only ASCII characters without spaces; percent-encode the others'
  if (/[\\"<>^`{|}]/.test(uri)) return 'must not contain any of \\ " < > ^ ` { | }'
  if (uri.includes('#')) return 'must not have a fragment'
  if (uri.includes('*')) return 'must not contain a wildcard: register each URI in full'
  if (/%(?![0-9a-fA-F]{2})/.test(uri)) return 'has a malformed percent-encoding'
  if (!parseUrl(uri)) return 'must be an absolute URI'
  const { username, password, protocol, host, hostname } = new URL(uri)
  if (username !== '' || password !== '' || /^[a-z]+:\/\/[^/?]*@/i.test(uri))
    return 'must not contain a user name or password'
  if (/^https?:$/.test(protocol) && (!/^https?:\/\/[^/]/i.test(uri) || host === '')) return 'must have a host'
  if (host !== '' && !isPlainHost(hostname)) return HOST_PROBLEM
  return undefined
}

const HOST_PROBLEM = 'must have a host of letters, digits, hyphens and dots, or an IP address'

/**
 * Whether a host has only characters of host names (RFC 1123 §2.1) or is an IP literal. URL parsers also accept `,` and
 * `;`, which separate the parts of a content security policy.
 */
function isPlainHost(hostname: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?$/i.test(hostname) || /^\[[0-9a-f:.]+\]$/i.test(hostname)
}

/** The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207, JARM, OpenID Connect Core §3.2.2.5). */
const responseParameters = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'response',
  'id_token',
  'access_token',
  'token_type',
  'expires_in',
  'session_state',
])

/**
 * Why a redirect URI cannot be registered because of its query, or undefined. A client that finds a parameter of the
 * response twice could read the one that the query has.
 */
export function responseParameterProblem(uri: string): string | undefined {
  if (!parseUrl(uri)) return undefined
  const used = [...new URL(uri).searchParams.keys()].find((name) => responseParameters.has(name))
  return used === undefined ? undefined : `must not have the parameter ${used} in its query, because responses have it`
}

/**
 * Who receives what is sent to an absolute URI: the host of an http or https URL, or the private-use scheme with its colon.
 * In a private-use scheme, what looks like a host says nothing: any app may register the scheme (RFC 8252 §7.1).
 */
export function recipientOf(uri: string): { host: string } | { scheme: string } {
  const { protocol, host } = new URL(uri)
  return protocol === 'https:' || protocol === 'http:' ? { host } : { scheme: protocol }
}

/** Whether a redirect URI leads to a server on the device of the user (RFC 8252 §7.3). */
export function isLoopbackUri(uri: string): boolean {
  return 'host' in recipientOf(uri) && isLoopbackHost(new URL(uri).hostname)
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Why `origin` is rejected as a serialised web origin (RFC 6454 §6.2), or undefined. */
export function originProblem(origin: string): string | undefined {
  if (parseUrl(origin)?.origin !== origin) {
    return 'must be an origin: scheme, host and port only, such as https://app.example.com'
  }
  const { protocol, hostname } = new URL(origin)
  if (!isPlainHost(hostname)) return HOST_PROBLEM
  if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) return undefined
  return 'must use https; http is only for localhost, 127.0.0.1 and [::1]'
}

/** Appends `parameters` to the query of `uri`, which is retained (RFC 6749 §3.1.2). */
export function withQuery(uri: string, parameters: Readonly<Record<string, string>>): string {
  return `${uri}${uri.includes('?') ? (/[?&]$/.test(uri) ? '' : '&') : '?'}${new URLSearchParams(parameters)}`
}
