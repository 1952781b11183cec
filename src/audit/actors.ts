import type { HashedEvent } from '../model/audit/event-hash.ts'

/** Who sent a request: a user or API key by its id, a client by its `client_id`, or the server itself. */
export interface AuditActor {
  type: 'user' | 'client' | 'api_key' | 'server'
  id: string | null
}

/**
 * Who caused an event, and the user whose access token or API key was used. A client that uses the access token of a user acts
 * on behalf of that user, and so does an API key. `clientIdentifier` is the `client_id` of the client concerned.
 */
export function actorsOf(
  { userId, requestId, metadata }: Pick<HashedEvent, 'userId' | 'requestId' | 'metadata'>,
  clientIdentifier: string | null,
): { actor: AuditActor; onBehalfOf: AuditActor | null } {
  const { actingClientId, apiKeyId } = metadata
  const person: AuditActor | null = userId === null ? null : { type: 'user', id: userId }
  if (typeof actingClientId === 'string') return { actor: { type: 'client', id: actingClientId }, onBehalfOf: person }
  if (typeof apiKeyId === 'string') return { actor: { type: 'api_key', id: apiKeyId }, onBehalfOf: person }
  if (person) return { actor: person, onBehalfOf: null }
  // A client that acts for itself, such as one that registers or revokes, leaves a request. The server leaves none.
  if (clientIdentifier !== null && requestId)
    return { actor: { type: 'client', id: clientIdentifier }, onBehalfOf: null }
  return { actor: { type: 'server', id: null }, onBehalfOf: null }
}
