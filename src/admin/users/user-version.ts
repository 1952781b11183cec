import type { FastifyReply, FastifyRequest } from 'fastify'
import { ifMatch } from '../../http/caching/preconditions.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { DirectoryUser } from '../../model/users/user-directory.ts'
import { representUser } from './user-representation.ts'

/**
 * The entity tag of a user: of the whole representation, because roles, teams and the membership change without the row of the
 * user. A sign-in makes no other version, or an administrator could hardly change a user who is at work.
 */
function tagOf({ lastLoginAt: _, ...content }: ReturnType<typeof representUser>): string {
  return `"${sha256(JSON.stringify(content)).toString('base64url').slice(0, 22)}"`
}

/** Whether the request accepts the user as they are now: `If-Match` (RFC 9110 §13.1.1). */
export function acceptedVersion(request: FastifyRequest): (user: DirectoryUser) => boolean {
  const matches = ifMatch(request)
  return (user) => matches(tagOf(representUser(user)))
}

/** The response with a user, and its entity tag. */
export function userBody(reply: FastifyReply, user: DirectoryUser) {
  const body = representUser(user)
  void reply.header('etag', tagOf(body))
  return body
}
