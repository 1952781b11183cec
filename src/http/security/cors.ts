import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface CorsOptions {
  /** Whether any active client registered this origin. */
  isAllowedOrigin: (origin: string) => Promise<boolean>
}

/** Adds CORS (Fetch §3.3) to a server, disabled for all routes except those of scopes with `enableCors`. */
export async function registerCors(server: FastifyInstance): Promise<void> {
  await server.register(cors, {
    origin: false,
    // These endpoints identify their caller by the content of the request, not by a cookie.
    credentials: false,
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'dpop', 'x-request-id'],
    exposedHeaders: ['www-authenticate', 'dpop-nonce', 'retry-after', 'x-request-id'],
    maxAge: 600,
    // Its error would be plain text. A preflight without its headers gets an ordinary response instead.
    strictPreflight: false,
  } satisfies FastifyCorsOptions)
}

/** Lets scripts of registered origins read the responses of a scope, errors included. */
export function enableCors(scope: FastifyInstance, { isAllowedOrigin }: CorsOptions): void {
  const routeOptions: FastifyCorsOptions = {
    origin: async (origin: string | undefined) => origin !== undefined && (await isAllowedOrigin(origin)),
  }
  scope.addHook('onRoute', (route) => {
    route.config = Object.assign({}, route.config, { cors: routeOptions })
  })
}

/** Lets scripts of every origin read the responses of a scope, which are the same for every caller. */
export function enablePublicCors(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = Object.assign({}, route.config, { cors: { origin: '*' } satisfies FastifyCorsOptions })
  })
}

/** Adds the route of preflight requests (Fetch §3.3.2), which the CORS hook answers for allowed origins. */
export function handlePreflight(scope: FastifyInstance, url: string): void {
  scope.options(url, { schema: { hide: true } }, (_request, reply) => reply.status(204).send())
}

/** Removes the CORS headers when the authenticated client did not register the origin of the request. */
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
