import type { FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '../../lib/crypto/hash.ts'
import { isNotModified } from './preconditions.ts'

/**
 * A response body that is kept in memory. All responses share the bytes of a large one: a text is encoded for each of them,
 * and kept until its client has read it. `etag` includes its quotes.
 */
export interface CachedResponse {
  body: Buffer | string
  etag: string
}

/** Computes the entity tag from the content. */
export function createCachedResponse(body: string): CachedResponse {
  return { body: Buffer.from(body), etag: `"${sha256(body).toString('base64url').slice(0, 22)}"` }
}

/** Sends the body, or 304 when the client has it (RFC 9110 §13.1.2). `maxAge` in seconds. */
export function sendCachedResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, etag }: CachedResponse,
  { maxAge, type = 'application/json' }: { maxAge: number; type?: string },
): FastifyReply {
  void reply.headers({ 'cache-control': `public, max-age=${maxAge}`, etag })
  if (isNotModified(request.headers['if-none-match'], etag)) return reply.status(304).send()
  return reply.header('content-type', type).send(body)
}
