import { getServerMetadata, isObject } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { sendOrThrow } from './send.ts'

/** The endpoints in a server's metadata (RFC 8414 §2), as paths on the server. */
export interface ServerMetadata {
  issuer: string
  authorization: string
  token: string
  revocation: string
  introspection: string
  userinfo: string
  deviceAuthorization: string | undefined
  jwks: string | undefined
  /** The mTLS aliases of endpoints (RFC 8705 §5), by the path of the endpoint. */
  aliases: ReadonlyMap<string, URL>
}

/** Reads the metadata. Its issuer must be the address that it was read from (RFC 8414 §3.3). */
export async function readServerMetadata(server: string): Promise<ServerMetadata> {
  const { body } = await sendOrThrow(server, getServerMetadata())
  const metadata = isObject(body) ? body : {}
  if (metadata['issuer'] !== server) {
    const issuer = JSON.stringify(metadata['issuer'])
    throw new Failure('failure', `${server} is not an issuer: its metadata names ${issuer}.`)
  }
  const optional = (name: string): string | undefined => {
    const address = metadata[name]
    if (typeof address !== 'string') return undefined
    if (!address.startsWith(`${server}/`))
      throw new Failure('failure', `The ${name} of ${server} is on another server.`)
    return address.slice(server.length)
  }
  const required = (name: string): string => {
    const path = optional(name)
    if (path === undefined) throw new Failure('failure', `${server} has no ${name}.`)
    return path
  }
  return {
    issuer: server,
    authorization: required('authorization_endpoint'),
    token: required('token_endpoint'),
    revocation: required('revocation_endpoint'),
    introspection: required('introspection_endpoint'),
    userinfo: required('userinfo_endpoint'),
    deviceAuthorization: optional('device_authorization_endpoint'),
    jwks: optional('jwks_uri'),
    aliases: readAliases(server, metadata),
  }
}

function readAliases(server: string, metadata: Readonly<Record<string, unknown>>): Map<string, URL> {
  const aliases = new Map<string, URL>()
  for (const [name, alias] of Object.entries((metadata['mtls_endpoint_aliases'] ?? {}) as Record<string, unknown>)) {
    const endpoint = metadata[name]
    if (typeof endpoint !== 'string' || !endpoint.startsWith(`${server}/`) || typeof alias !== 'string') continue
    if (URL.canParse(alias)) aliases.set(endpoint.slice(server.length), new URL(alias))
  }
  return aliases
}

/** The public keys of a server (RFC 7517 §5). */
export async function readServerKeys(server: string): Promise<{ keys: Record<string, unknown>[] }> {
  const { jwks } = await readServerMetadata(server)
  if (jwks === undefined) throw new Failure('failure', `${server} has no jwks_uri.`)
  return (await sendOrThrow<{ keys: Record<string, unknown>[] }>(server, { method: 'GET', path: jwks })).body
}
