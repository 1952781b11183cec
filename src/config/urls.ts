// URLs of the environment. Each is checked in parsed form, and the parsed form is what the server uses: lower-case scheme
// and host, no default port, no surrounding blanks.

/** The value in normalised form, or what is wrong with it. */
export type Parsed = { value: string; problems?: undefined } | { value?: undefined; problems: string[] }

const problem = (text: string): Parsed => ({ problems: [text] })

/** RFC 8414 §2: https, no query, no fragment. Plain http is for development. */
export function parseIssuer(text: string, { production }: { production: boolean }): Parsed {
  if (!URL.canParse(text)) return problem('must be a URL, such as https://auth.example.com')
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
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isOrigin = url?.protocol === 'https:' && url.pathname === '/' && !hasMoreThanPath(url)
  return isOrigin ? { value: url.origin } : problem('must be https, with a host and an optional port only')
}

function hasMoreThanPath({ search, hash, username, password, href }: URL): boolean {
  // An empty query or fragment leaves its mark in the text alone.
  return `${search}${hash}${username}${password}` !== '' || /[?#]/.test(href)
}

const ENCODING_HINT =
  'In the user, the password and the database, the characters : / ? # [ ] @ % must be percent-encoded (@ is %40)'
/** Modes that `pg` treats as `verify-full`, with a warning. */
const VERIFYING_MODES: readonly (string | null)[] = ['prefer', 'require', 'verify-ca']
const SSL_MODES: readonly (string | null)[] = [null, 'disable', 'no-verify', 'verify-full', ...VERIFYING_MODES]

/** A PostgreSQL URL. Its problems never contain its text, because of the password. */
export function parseDatabaseUrl(text: string): Parsed {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text) ?? []
  if (rest === undefined) return problem('must begin with postgresql://')
  // A percent sign that encodes nothing stands for itself. A user without a host belongs to a socket in `?host=`.
  const escaped = rest.replaceAll(/%(?![0-9a-f]{2})/gi, '%25').replace(/^([^/?#]*)@(?=[/?]|$)/, '$1@localhost')
  const href = `postgresql://${escaped}`
  if (!URL.canParse(href)) return problem(`cannot be read as a URL. ${ENCODING_HINT}`)
  const url = new URL(href)
  if (url.hash !== '' || href.endsWith('#')) return problem(`must have no fragment. ${ENCODING_HINT}`)
  if (![url.username, url.password, url.hostname, url.pathname].every(isEncodedText)) {
    return problem(`has percent-encoded bytes that are not UTF-8. ${ENCODING_HINT}`)
  }
  const mode = url.searchParams.get('sslmode')
  if (!SSL_MODES.includes(mode)) return problem(`must have an sslmode of ${SSL_MODES.slice(1).join(', ')}`)
  if (VERIFYING_MODES.includes(mode) && !url.searchParams.has('uselibpqcompat')) {
    url.searchParams.set('sslmode', 'verify-full')
  }
  if (!['public', null].includes(url.searchParams.get('schema'))) {
    return problem('must not name a schema: the tables are in the schema public. Use a database of its own')
  }
  return { value: url.href }
}

/** A Redis URL: user, password, host, port and the number of a database. */
export function parseRedisUrl(text: string): Parsed {
  if (!/^rediss?:\/\//i.test(text)) return problem('must begin with redis:// or rediss://')
  if (!URL.canParse(text)) return problem('must be a URL, such as redis://user:password@host:6379')
  const url = new URL(text)
  if (![url.username, url.password].every(isEncodedText)) {
    return problem('has percent-encoded bytes that are not UTF-8 in its user or password')
  }
  if (url.hostname === '' || !/^(?:\/\d*)?$/.test(url.pathname) || /[?#]/.test(url.href)) {
    return problem('must have a host, and after it at most the number of a database: redis://host:6379/0')
  }
  return { value: url.href }
}

function isEncodedText(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
