// `http/security` owns the security headers, CORS and the protection against cross-site requests.
// Cross-site requests are rejected by `Sec-Fetch-Site` and `Origin`; forms carry a CSRF token as well.
// Authentication and permissions belong to the rooms that need them.

import type { FastifyInstance } from 'fastify'

/** Adds the security headers to every response. Pages replace the content security policy by their own. */
export function addSecurityHeaders(server: FastifyInstance, https: boolean): void {
  const { 'x-request-id': _, ...staticHeaders } = securityHeaderFields('', https)
  const fields = Object.entries(staticHeaders)
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    for (const [name, value] of fields) void reply.header(name, value)
    done()
  })
}

/** The same headers, for responses that are sent without hooks. */
export function securityHeaderFields(requestId: string, https: boolean): Record<string, string> {
  return {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not `no-referrer`, which makes browsers send `Origin: null` with our own forms (docs/decisions/0008).
    'referrer-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(https && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
}
