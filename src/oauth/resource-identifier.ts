import { parseUrl } from '../lib/url.ts'

const MAX_LENGTH = 300

/** Why `text` is not the identifier of a protected resource (RFC 8707 §2), as the end of a sentence; undefined if it is one. */
export function resourceIdentifierProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`
  if (!/^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(text) || !parseUrl(text)) {
    return 'must be an absolute URI such as https://api.example.com'
  }
  return text.includes('#') ? 'must not have a fragment' : undefined
}

/**
 * The form in which identifiers are compared (RFC 3986 §6.2): scheme and host in lower case, and without the slash of an empty
 * path. `https://API.example.com/` and `https://api.example.com` are the same resource.
 */
export function resourceIdentifierKey(identifier: string): string {
  const [, scheme = '', authority, rest = ''] = /^([^:]*):(\/\/[^/?]*)?(.*)$/s.exec(identifier) ?? []
  if (authority === undefined) return `${scheme.toLowerCase()}:${rest}`
  return `${scheme.toLowerCase()}:${authority.toLowerCase()}${rest.replace(/^\/(?=\?|$)/, '')}`
}
