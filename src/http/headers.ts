import type { FastifyInstance } from 'fastify'

/** Headers of every answer. Pages replace the content security policy by their own. */
export function securityHeaders(server: FastifyInstance, https: boolean): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeaderFields(request.id, https))
    done()
  })
}

/** The same, for answers that no hook sees. */
export function securityHeaderFields(requestId: string, https: boolean): Record<string, string> {
  return {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not `no-referrer`: under that, browsers send `Origin: null` with our own forms.
    'referrer-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(https && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
}
