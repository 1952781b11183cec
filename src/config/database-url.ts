// DATABASE_URL: a PostgreSQL URL, of one host or of several (PostgreSQL documentation, "Specifying Multiple Hosts").

import { parseUrl } from '../lib/url.ts'
import { isEncodedText, problem, type Parsed } from './urls.ts'

const ENCODING_HINT =
  'In the user, the password and the database, the characters : / ? # [ ] @ % must be percent-encoded (@ is %40)'
/** Modes that `pg` treats as `verify-full`, with a warning. */
const VERIFYING_MODES: readonly (string | null)[] = ['prefer', 'require', 'verify-ca']
const SSL_MODES: readonly (string | null)[] = [null, 'disable', 'no-verify', 'verify-full', ...VERIFYING_MODES]

/** Sessions that a server can use which writes. */
const SESSION_ATTRIBUTES: ReadonlySet<string | null> = new Set([null, 'any', 'read-write', 'primary'])

/**
 * A PostgreSQL URL. Its problems never contain its text, because of the password. Several hosts are returned as libpq takes
 * them in parameters: `?host=a,b&port=5432,5433`, with a `target_session_attrs`.
 */
export function parseDatabaseUrl(text: string): Parsed {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text) ?? []
  if (rest === undefined) return problem('must begin with postgresql://')
  // A percent sign that encodes nothing stands for itself. A user without a host belongs to a socket in `?host=`.
  const escaped = rest.replaceAll(/%(?![0-9a-f]{2})/gi, '%25').replace(/^([^/?#]*)@(?=[/?]|$)/, '$1@localhost')
  const [, user = '', listed] = /^((?:[^/?#]*@)?)([^@/?#]*,[^@/?#]*)(?=[/?#]|$)/.exec(escaped) ?? []
  const path = listed === undefined ? undefined : escaped.slice(user.length + listed.length)
  const href = `postgresql://${path === undefined ? escaped : `${user}localhost${path}`}`
  if (!parseUrl(href)) return problem(`cannot be read as a URL. ${ENCODING_HINT}`)
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
  if (!SESSION_ATTRIBUTES.has(url.searchParams.get('target_session_attrs'))) {
    return problem('must have a target_session_attrs of read-write, primary or any: the server must be able to write')
  }
  const hosts = readHosts(url, listed)
  if (hosts === undefined) {
    return problem(
      'must name each of several hosts once, with commas between them, and one port for all or one for each: ' +
        'postgresql://user:password@a.example:5432,b.example:5432/database',
    )
  }
  if (hosts.length > 1) {
    url.searchParams.set('host', hosts.map(({ host }) => host).join(','))
    url.searchParams.set('port', hosts.map(({ port }) => port).join(','))
    if (!url.searchParams.has('target_session_attrs')) url.searchParams.set('target_session_attrs', 'read-write')
  }
  return { value: url.href }
}

const DEFAULT_PORT = '5432'
const MAX_PORT = 65_535
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d*))?$/i

interface Host {
  host: string
  port: string
}

/** The hosts of a URL: `listed` in the place of its host, or in its parameters. Undefined when one of several cannot be a host. */
function readHosts(url: URL, listed: string | undefined): Host[] | undefined {
  const named = url.searchParams.get('host')?.split(',')
  const ports = url.searchParams.get('port')?.split(',') ?? []
  const places = named?.map((host): Host => ({ host, port: url.port })) ??
    listed?.split(',').map(readHost) ?? [undefined]
  if (ports.length > 1 && ports.length !== places.length) return undefined
  if (places.length === 1) return []
  const hosts = places.map((place, index): Host | undefined => {
    const port = ports[ports.length === 1 ? 0 : index] ?? place?.port
    return place && { host: place.host, port: port === undefined || port === '' ? DEFAULT_PORT : port }
  })
  const distinct = new Set(hosts.map((place) => `${place?.host} ${place?.port}`))
  return distinct.size === hosts.length && hosts.every(isUsable) ? hosts : undefined
}

function readHost(text: string): Host | undefined {
  const [, host, port = ''] = HOST_AND_PORT.exec(text) ?? []
  return host === undefined ? undefined : { host: host.toLowerCase().replace(/^\[(.+)\]$/, '$1'), port }
}

const isUsable = (place: Host | undefined): place is Host =>
  place !== undefined &&
  /^(?:\/.+|[a-z0-9._-]+|[0-9a-f:.]+)$/i.test(place.host) &&
  /^\d+$/.test(place.port) &&
  Number(place.port) > 0 &&
  Number(place.port) <= MAX_PORT
