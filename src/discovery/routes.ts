import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerPreflight } from '../http/cors.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { sha256 } from '../lib/secret.ts'
import { metadata, type Offer } from './metadata.ts'

export interface DiscoveryRoutesOptions extends Offer {
  jwks: () => { body: string; etag: string }
  /** Seconds that a JWKS may be kept: less than a key is published before it signs. */
  jwksMaxAge: number
}

const METADATA_MAX_AGE = 3600

/** Metadata and keys: prepared once, answered from memory. */
export function discoveryRoutes(scope: FastifyInstance, options: DiscoveryRoutesOptions): void {
  const body = JSON.stringify(metadata(options))
  const document = { body, etag: `"${sha256(body).toString('base64url').slice(0, 22)}"` }

  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    scope.get(url, (request, reply) => sendCacheable(request, reply, document, METADATA_MAX_AGE))
    answerPreflight(scope, url)
    refuseOtherMethods(scope, url, ['GET'])
  }
  for (const url of ['/oauth2/jwks.json', '/.well-known/jwks.json']) {
    scope.get(url, (request, reply) => sendCacheable(request, reply, options.jwks(), options.jwksMaxAge))
    answerPreflight(scope, url)
    refuseOtherMethods(scope, url, ['GET'])
  }
}

function sendCacheable(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, etag }: { body: string; etag: string },
  maxAge: number,
): FastifyReply {
  void reply.headers({ 'cache-control': `public, max-age=${maxAge}`, etag })
  if (request.headers['if-none-match'] === etag) return reply.status(304).send()
  return reply.header('content-type', 'application/json').send(body)
}
