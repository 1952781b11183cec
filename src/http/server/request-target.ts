import type { FastifyInstance } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'

const HOST = 'host'

/**
 * Rejects requests that a proxy and this server might interpret differently: an absolute-form target, more than one Host
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
