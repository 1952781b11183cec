import { parseUrl } from '../lib/url.ts'

// URLs of the environment. Each is checked in parsed form, and the parsed form is what the server uses: lower-case scheme
// and host, no default port, no surrounding blanks.

/** The value in normalised form, or what is wrong with it. */
export type Parsed = { value: string; problems?: undefined } | { value?: undefined; problems: string[] }

/** A value that was rejected, and why. */
export const problem = (text: string): Parsed => ({ problems: [text] })

/** RFC 8414 §2: https, no query, no fragment. Plain http is for development. */
export function parseIssuer(text: string, { production }: { production: boolean }): Parsed {
  if (!parseUrl(text)) return problem('must be a URL, such as https://auth.example.com')
  const url = new URL(text)
  const problems: string[] = []
  if (url.protocol !== 'https:' && (production || url.protocol !== 'http:')) problems.push('must use https')
  if (text.endsWith('/')) problems.push('must not end with a slash')
  if (hasMoreThanPath(url)) problems.push('must have no query, fragment or user')
  if (url.pathname !== '/' && url.pathname !== '') problems.push('must have no path')
  return problems.length > 0 ? { problems } : { value: url.origin }
}

/** An https URL of a host, with an optional port. */
export function parseHttpsOrigin(text: string): Parsed {
  const url = parseUrl(text)
  const isOrigin = url?.protocol === 'https:' && url.pathname === '/' && !hasMoreThanPath(url)
  return isOrigin ? { value: url.origin } : problem('must be https, with a host and an optional port only')
}

function hasMoreThanPath({ search, hash, username, password, href }: URL): boolean {
  // An empty query or fragment leaves its mark in the text alone.
  return `${search}${hash}${username}${password}` !== '' || /[?#]/.test(href)
}

/** A Redis URL: user, password, host, port and the number of a database. */
export function parseRedisUrl(text: string): Parsed {
  if (!/^rediss?:\/\//i.test(text)) return problem('must begin with redis:// or rediss://')
  if (!parseUrl(text)) return problem('must be a URL, such as redis://user:password@host:6379')
  const url = new URL(text)
  if (![url.username, url.password].every(isEncodedText)) {
    return problem('has percent-encoded bytes that are not UTF-8 in its user or password')
  }
  if (url.hostname === '' || !/^(?:\/\d*)?$/.test(url.pathname) || /[?#]/.test(url.href)) {
    return problem('must have a host, and after it at most the number of a database: redis://host:6379/0')
  }
  return { value: url.href }
}

/** Whether percent-encoded bytes in a part of a URL are UTF-8. */
export function isEncodedText(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
