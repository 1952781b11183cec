/** Addresses come from clients' registrations: data. These functions alone decide which of them a page may carry. */

const parse = (uri: string | undefined): URL | undefined =>
  uri !== undefined && URL.canParse(uri) ? new URL(uri) : undefined

const isWeb = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'http:'
const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The address, normalised, if it is an absolute http(s) URL; otherwise nothing is linked. */
export function webLink(uri: string | undefined): string | undefined {
  const url = parse(uri)
  return url !== undefined && isWeb(url) ? url.href : undefined
}

/**
 * A link back to an application: http(s), or a native app's private-use scheme, which is a reversed domain name and
 * therefore has a dot (RFC 8252 §7.1). `javascript:`, `data:` and their kind have none.
 */
export function applicationLink(uri: string | undefined): string | undefined {
  const url = parse(uri)
  return url !== undefined && (isWeb(url) || url.protocol.includes('.')) ? url.href : undefined
}

/** A logo's address: https, or http on the developer's own machine. */
export function logoSource(uri: string | undefined): string | undefined {
  const url = parse(uri)
  if (url === undefined) return undefined
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname))
  return isAllowed ? url.href : undefined
}

/**
 * The target of a form, unchanged: a path of this server or an http(s) URL.
 * @throws TypeError for any other scheme: such a target never comes from our routes or from a registered client.
 */
export function formAction(action: string): string {
  const placeholderOrigin = 'https://here.invalid'
  if (URL.canParse(action, placeholderOrigin) && isWeb(new URL(action, placeholderOrigin))) return action
  throw new TypeError('a form can only be sent to an http(s) address')
}
