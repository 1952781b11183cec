import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { OAuthError } from '../../oauth/errors.ts'

const HOST = 'host'

/**
 * Replaces an absolute-form target (RFC 9112 §3.2.2) by its path and query, and `Host` by its host. A proxy sends this form,
 * and a server must accept it. A target with a user or without a host stays as it is, and is rejected.
 */
export function toOriginForm(request: IncomingMessage): void {
  const { url = '' } = request
  if (url.startsWith('/')) return
  const [, host, pathAndQuery = ''] = /^https?:\/\/([^/?#@\s]+)([/?].*)?$/i.exec(url) ?? []
  if (host === undefined) return
  request.url = pathAndQuery.startsWith('/') ? pathAndQuery : `/${pathAndQuery}`
  request.headers.host = host
}

/**
 * Rejects requests that a proxy and this server might interpret differently: a target that is no path, more than one Host
 * header, or an encoded NUL. The error is answered in the format of the route.
 */
export function rejectMalformedTargets(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { url = '', rawHeaders } = request.raw
    if (!url.startsWith('/')) return done(invalidRequest('The request target must be a path.'))
    if (url.includes('%00')) return done(invalidRequest('The request target contains the character NUL.'))
    let hostHeaders = 0
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? ''
      if (name.length === HOST.length && name.toLowerCase() === HOST) hostHeaders += 1
    }
    if (hostHeaders > 1) return done(invalidRequest('The request has more than one Host header.'))
    done()
  })
}

function invalidRequest(description: string): OAuthError {
  return new OAuthError('invalid_request', description)
}
