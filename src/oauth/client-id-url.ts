/*
 * A client_id that is the address of the client's metadata (OAuth Client ID Metadata Document,
 * draft-ietf-oauth-client-id-metadata-document, §2). Ids that this server makes never look like one.
 */

/** Whether a client_id says that its client's metadata are at that address. */
export function isClientIdUrl(clientId: string): boolean {
  return clientId.startsWith('https://')
}

const MAX_CLIENT_ID_URL_LENGTH = 500
const HOST_PATTERN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/

/**
 * What is wrong with such an address, or undefined. Every message completes the sentence "client_id …". It must be in its
 * one spelling, so that two ids are never one document, and what is compared is what is fetched and what people are shown.
 */
export function clientIdUrlProblem(url: string): string | undefined {
  if (url.length > MAX_CLIENT_ID_URL_LENGTH) return `must have at most ${MAX_CLIENT_ID_URL_LENGTH} characters`
  if (!/^[\x21-\x7e]+$/.test(url) || !URL.canParse(url)) return 'must be an https URL'
  const { protocol, username, password, hostname, pathname, href } = new URL(url)
  if (protocol !== 'https:') return 'must use https'
  if (username !== '' || password !== '') return 'must not hold a user name or password'
  if (url.includes('#')) return 'must not have a fragment'
  if (pathname === '/') return 'must have a path'
  // Dot segments, default ports, capitals in the host, characters that browsers correct.
  if (href !== url) return 'must be in its normal form, without dot segments, capitals in the host or the port 443'
  if (!HOST_PATTERN.test(hostname) || /^[\d.]+$/.test(hostname)) return 'must name a host, and not an address'
  return undefined
}

/** The host that such an address is on, with its port where that is not 443. */
export function clientIdHost(url: string): string {
  return new URL(url).host
}

/** What is wrong with a text as a host in this form, or undefined. */
export function clientIdHostProblem(host: string): string | undefined {
  const url = `https://${host}/document`
  const isValid = host.length <= 255 && clientIdUrlProblem(url) === undefined && clientIdHost(url) === host
  return isValid ? undefined : 'must be a host such as app.example.com, with its port where that is not 443'
}
