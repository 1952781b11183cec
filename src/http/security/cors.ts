import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface CorsOptions {
  /** Whether any active client registered this origin. */
  isAllowedOrigin: (origin: string) => Promise<boolean>
}

const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, dpop, x-request-id',
  'access-control-max-age': '600',
} as const

/**
 * Lets scripts of registered origins read the answers of a scope (Fetch §3.3), refusals included. Credentials are never
 * allowed: these endpoints know their callers by what is in the request, not by a cookie.
 */
export function enableCors(scope: FastifyInstance, { isAllowedOrigin }: CorsOptions): void {
  scope.addHook('onRequest', async (request, reply) => {
    void reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !(await isAllowedOrigin(origin))) return
    void reply.header('access-control-allow-origin', origin)
    void reply.header('access-control-expose-headers', 'www-authenticate, dpop-nonce, retry-after, x-request-id')
  })
}

/** Answers the preflight of a route (Fetch §3.3.2). */
export function handlePreflight(scope: FastifyInstance, url: string): void {
  scope.options(url, { schema: { hide: true } }, (_request, reply) =>
    reply.status(204).headers(PREFLIGHT_HEADERS).send(),
  )
}

/** Takes the permission back where the client that the request turned out to be of did not register the origin. */
export function restrictCorsOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  allowedOrigins: readonly string[],
): void {
  const { origin } = request.headers
  if (origin !== undefined && !allowedOrigins.includes(origin)) {
    reply.removeHeader('access-control-allow-origin')
    reply.removeHeader('access-control-expose-headers')
  }
}
