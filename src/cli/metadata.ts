import { Failure } from './failure.ts'
import { demand } from './server.ts'

/** What the command needs of a server's metadata (RFC 8414 §2), as paths on the server. */
export interface Metadata {
  issuer: string
  authorization: string
  token: string
  revocation: string
  introspection: string
  userinfo: string
  deviceAuthorization: string | undefined
  /** Where clients that show a certificate ask instead, by the path that the others ask (RFC 8705 §5). */
  aliases: ReadonlyMap<string, URL>
}

/** Reads the metadata. A server that calls itself otherwise than it was called is not believed (RFC 8414 §3.3). */
export async function readMetadata(server: string): Promise<Metadata> {
  const { body } = await demand(server, { method: 'GET', path: '/.well-known/openid-configuration' })
  const metadata = body as Record<string, unknown>
  if (typeof body !== 'object' || metadata['issuer'] !== server) {
    throw new Failure('failure', `${server} is no such server: it calls itself ${JSON.stringify(metadata['issuer'])}.`)
  }
  const optional = (name: string): string | undefined => {
    const address = metadata[name]
    if (typeof address !== 'string') return undefined
    if (!address.startsWith(`${server}/`)) throw new Failure('failure', `The ${name} of ${server} is elsewhere.`)
    return address.slice(server.length)
  }
  const needed = (name: string): string => {
    const path = optional(name)
    if (path === undefined) throw new Failure('failure', `${server} has no ${name}.`)
    return path
  }
  return {
    issuer: server,
    authorization: needed('authorization_endpoint'),
    token: needed('token_endpoint'),
    revocation: needed('revocation_endpoint'),
    introspection: needed('introspection_endpoint'),
    userinfo: needed('userinfo_endpoint'),
    deviceAuthorization: optional('device_authorization_endpoint'),
    aliases: aliasesOf(server, metadata),
  }
}

function aliasesOf(server: string, metadata: Record<string, unknown>): Map<string, URL> {
  const named = Object.entries((metadata['mtls_endpoint_aliases'] ?? {}) as Record<string, unknown>)
  const aliases = new Map<string, URL>()
  for (const [name, address] of named) {
    const usual = metadata[name]
    if (typeof usual !== 'string' || !usual.startsWith(`${server}/`) || typeof address !== 'string') continue
    if (URL.canParse(address)) aliases.set(usual.slice(server.length), new URL(address))
  }
  return aliases
}
