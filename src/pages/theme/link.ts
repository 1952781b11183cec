import { parseUrl } from '../../lib/url.ts'
import { parseIp } from '../../lib/network-address.ts'

// The URLs are chosen by clients. These functions decide which of them a page may contain.

const parse = (uri: string | undefined): URL | undefined => (uri === undefined ? undefined : parseUrl(uri))

const isWeb = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'http:'

/** `localhost` and its subdomains (RFC 6761 §6.3), and addresses that are not public by themselves. */
const isLocal = ({ hostname }: URL): boolean => {
  const ip = parseIp(hostname.replace(/^\[(.*)\]$/, '$1'))
  return ip ? ip.range() !== 'unicast' : /(?:^|\.)localhost\.?$/.test(hostname)
}

/** The normalised URL if it is an absolute http(s) URL, otherwise undefined. */
export function webLink(uri: string | undefined): string | undefined {
  const url = parse(uri)
  return url !== undefined && isWeb(url) ? url.href : undefined
}

/**
 * A link back to an application: http(s), or the private-use scheme of a native app, which is a reversed domain name and
 * therefore contains a dot (RFC 8252 §7.1). Schemes such as `javascript:` and `data:` do not.
 */
export function applicationLink(uri: string | undefined): string | undefined {
  const url = parse(uri)
  return url !== undefined && (isWeb(url) || url.protocol.includes('.')) ? url.href : undefined
}

/** The URL of a logo: https, and not on the device or in the network of the user. */
export function logoSource(uri: string | undefined): string | undefined {
  const url = parse(uri)
  return url !== undefined && url.protocol === 'https:' && !isLocal(url) ? url.href : undefined
}

/**
 * Returns the target of a form unchanged: a path of this server or an http(s) URL.
 * @throws TypeError for any other scheme, which neither our routes nor registered clients have.
 */
export function formAction(action: string): string {
  const placeholderOrigin = 'https://here.invalid'
  const url = parseUrl(action, placeholderOrigin)
  if (url && isWeb(url)) return action
  throw new TypeError('a form can only be sent to an http(s) address')
}
