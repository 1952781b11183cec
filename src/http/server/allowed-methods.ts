import type { FastifyInstance, HTTPMethods } from 'fastify'
import { MethodNotAllowed } from '../errors/request-errors.ts'

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Rejects every method but `allowed` with 405 and `Allow` (RFC 9110 §15.5.6), in the error format of the scope. */
export function rejectOtherMethods(scope: FastifyInstance, url: string, allowed: readonly HTTPMethods[]): void {
  const allowedMethods: readonly HTTPMethods[] = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
  for (const method of METHODS) {
    if (allowedMethods.includes(method) || scope.hasRoute({ method, url })) continue
    scope.route({
      method,
      url,
      schema: { hide: true },
      // Before the body is read, because its content does not matter.
      onRequest: (_request, _reply, done) => done(new MethodNotAllowed(allowedMethods)),
      handler: (_request, reply) => reply.send(),
    })
  }
}
