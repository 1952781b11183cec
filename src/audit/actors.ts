import type { HashedEvent } from '../model/audit/event-hash.ts'

/** Who sent a request: a user, service account or API key by its id, a client by its `client_id`, or the server itself. */
export interface AuditActor {
  type: 'user' | 'service_account' | 'client' | 'api_key' | 'server'
  id: string | null
}

/**
 * Who caused an event, and the user whose access token or API key was used. A client that uses the access token of a user acts
 * on behalf of that user, and so does an API key of a user. A service account acts itself, by its API keys. `clientIdentifier` is the `client_id` of the client concerned.
 */
export function actorsOf(
  { userId, requestId, metadata }: Pick<HashedEvent, 'userId' | 'requestId' | 'metadata'>,
  clientIdentifier: string | null,
): { actor: AuditActor; onBehalfOf: AuditActor | null } {
  const { actingServiceAccountId, actingClientId, apiKeyId } = metadata
  if (typeof actingServiceAccountId === 'string')
    return { actor: { type: 'service_account', id: actingServiceAccountId }, onBehalfOf: null }
  const person: AuditActor | null = userId === null ? null : { type: 'user', id: userId }
  if (typeof actingClientId === 'string') return { actor: { type: 'client', id: actingClientId }, onBehalfOf: person }
  if (typeof apiKeyId === 'string') return { actor: { type: 'api_key', id: apiKeyId }, onBehalfOf: person }
  if (person) return { actor: person, onBehalfOf: null }
  // A client that acts for itself, such as one that registers or revokes, leaves a request. The server leaves none.
  if (clientIdentifier !== null && requestId)
    return { actor: { type: 'client', id: clientIdentifier }, onBehalfOf: null }
  return { actor: { type: 'server', id: null }, onBehalfOf: null }
}
