// `http/caching` owns entity tags, `If-Match` and `If-None-Match` (RFC 9110 §13), and responses served from memory.
// It compresses a cached response once and sends it with its entity tag.
// Which resources have a version belongs to the room that serves them.

import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whether a condition of the request holds for what has this entity tag now. */
export type Precondition = (etag: string) => boolean

/** The strong entity tag of the `version`th state of a thing (RFC 9110 §8.8.3). */
export function entityTag(version: number): string {
  return `"${version}"`
}

/** `If-Match` (RFC 9110 §13.1.1): compared strongly, so a weak tag matches nothing. Holds where there is no such header. */
export function ifMatch({ headers }: FastifyRequest): Precondition {
  const header = headers['if-match']?.trim()
  if (header === undefined || header === '*') return () => true
  const tags = new Set(parseEntityTags(header))
  return (etag) => tags.has(etag)
}

/** Whether the asker has this already, by `If-None-Match` (RFC 9110 §13.1.2): compared weakly, since a proxy may weaken tags. */
export function isNotModified(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || parseEntityTags(header).some((tag) => tag.replace(/^W\//, '') === etag)
}

/** Answers 304 to whoever has this state already; otherwise lets the answer be sent with its tag. */
export function sendWithEtag(request: FastifyRequest, reply: FastifyReply, etag: string, body: object): FastifyReply {
  void reply.header('etag', etag)
  return isNotModified(request.headers['if-none-match'], etag) ? reply.status(304).send() : reply.send(body)
}

function parseEntityTags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}
