import { parseUrl } from '../lib/url.ts'

/**
 * Whether a client_id is the URL of a client ID metadata document (draft-ietf-oauth-client-id-metadata-document §2). Client
 * ids that this server generates are never URLs.
 */
export function isClientIdUrl(clientId: string): boolean {
  return clientId.startsWith('https://')
}

const MAX_CLIENT_ID_URL_LENGTH = 500
const HOST_PATTERN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/

/**
 * Why a URL is rejected as a client_id, or undefined. Every message completes the sentence "client_id …". The URL must be
 * in its normal form, so that no two client ids name one document.
 */
export function clientIdUrlProblem(url: string): string | undefined {
  if (url.length > MAX_CLIENT_ID_URL_LENGTH) return `must have at most ${MAX_CLIENT_ID_URL_LENGTH} characters`
  if (!/^[\x21-\x7e]+$/.test(url) || !parseUrl(url)) return 'must be an https URL'
  const { protocol, username, password, hostname, pathname, href } = new URL(url)
  if (protocol !== 'https:') return 'must use https'
  if (username !== '' || password !== '') return 'must not contain a user name or password'
  if (url.includes('#')) return 'must not have a fragment'
  if (pathname === '/') return 'must have a path'
  // Rejects dot segments, default ports, capitals in the host, and characters that URL parsers correct.
  if (href !== url) return 'must be in its normal form, without dot segments, capitals in the host or the port 443'
  if (!HOST_PATTERN.test(hostname) || /^[\d.]+$/.test(hostname)) return 'must have a host name, not an IP address'
  return undefined
}

/** The host of such a URL, with its port if that is not 443. */
export function clientIdHost(url: string): string {
  return new URL(url).host
}

/** Why a text is rejected as a host in this form, or undefined. */
export function clientIdHostProblem(host: string): string | undefined {
  const url = `https://${host}/document`
  const isValid = host.length <= 255 && clientIdUrlProblem(url) === undefined && clientIdHost(url) === host
  return isValid ? undefined : 'must be a host such as app.example.com, with its port if that is not 443'
}
