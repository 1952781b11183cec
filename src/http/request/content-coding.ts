import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'

/**
 * Rejects encoded bodies with 415, and names the only coding that is accepted (RFC 9110 §8.4, §12.5.3, §15.5.16). The error
 * is answered in the format of the route.
 */
export function rejectEncodedBodies(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const codings = request.headers['content-encoding']
    if (codings === undefined || isIdentity(codings) || !hasBody(request)) return done()
    void reply.header('accept-encoding', 'identity')
    done(
      new OAuthError(
        'invalid_request',
        'The body must be sent without Content-Encoding: no coding is supported here.',
        {
          status: 415,
        },
      ),
    )
  })
}

function isIdentity(codings: string): boolean {
  return codings.split(',').every((coding) => /^\s*(?:identity)?\s*$/i.test(coding))
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
