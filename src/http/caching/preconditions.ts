// `http/caching` owns entity tags, `If-Match` and `If-None-Match` (RFC 9110 §13), and responses served from memory.
// It compresses a cached response once and sends it with its entity tag.
// Which resources have a version belongs to the room that serves them.

import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whether the condition of a request holds for the current entity tag of a resource. */
export type Precondition = (etag: string) => boolean

/** The strong entity tag of a version of a resource (RFC 9110 §8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`
}

/** `If-Match` (RFC 9110 §13.1.1): strong comparison, so a weak tag never matches. Holds when the header is absent. */
export function ifMatch({ headers }: FastifyRequest): Precondition {
  const header = headers['if-match']?.trim()
  if (header === undefined || header === '*') return () => true
  const tags = new Set(parseEntityTags(header))
  return (etag) => tags.has(etag)
}

/** `If-None-Match` (RFC 9110 §13.1.2): weak comparison, because a proxy may weaken tags. */
export function isNotModified(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || parseEntityTags(header).some((tag) => tag.replace(/^W\//, '') === etag)
}

/** Sends the body with its entity tag, or 304 when the client has this version. */
export function sendWithEtag(request: FastifyRequest, reply: FastifyReply, etag: string, body: object): FastifyReply {
  void reply.header('etag', etag)
  return isNotModified(request.headers['if-none-match'], etag) ? reply.status(304).send() : reply.send(body)
}

function parseEntityTags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
