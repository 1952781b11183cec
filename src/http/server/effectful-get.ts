import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'

/**
 * Adds a GET route that changes something, as the protocol prescribes: it issues a code or ends a session. HEAD must be
 * safe (RFC 9110 §9.2.1), so it gets an empty page and the handler does not run. A browser that prefetches the page is
 * rejected, because its user has not asked for it yet.
 */
export function addEffectfulGet(scope: FastifyInstance, url: string, handler: RouteHandlerMethod): void {
  scope.route({
    method: 'HEAD',
    url,
    schema: { hide: true },
    handler: (_request, reply) => reply.header('content-type', 'text/html; charset=utf-8').send(),
  })
  scope.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    onRequest: (request, _reply, done) => done(isPrefetch(request) ? prefetchRejected() : undefined),
    handler,
  })
}

/** Whether a browser loads the page before its user asks for it. */
function isPrefetch({ headers }: FastifyRequest): boolean {
  return [headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((value) => value?.includes('prefetch'))
}

function prefetchRejected(): OAuthError {
  return new OAuthError('invalid_request', 'This address must not be prefetched, because opening it has an effect.', {
    status: 403,
  })
}
