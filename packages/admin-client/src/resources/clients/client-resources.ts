import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import { type ChangedClient, clientPath } from './clients.ts'
import type { AuditChange } from '../audit-logs.ts'
import type { Page } from '../paging.ts'

/** A secret of a client, without its value. Times are ISO 8601. */
export interface ClientSecret {
  id: string
  label: string | null
  expiresAt: string | null
  createdAt: string
  /** Rounded to the hour; null: not used so far. */
  lastUsedAt: string | null
}

/** A secret right after it was created. Its value is in this response only. */
export interface AddedSecret extends ClientSecret {
  clientSecret: string
}

/** What a user has granted a client. */
export interface ClientGrant {
  id: string
  userId: string
  email: string
  scopes: string[]
  /** Whether it stays active after the session in which it was given. */
  offline: boolean
  createdAt: string
}

/** The scopes for which a user is not asked again. */
export interface ClientConsent {
  userId: string
  email: string
  scopes: string[]
  /** When the user last consented to a scope. */
  grantedAt: string
}

/** An audit event about a client. */
export interface ClientEvent {
  id: string
  occurredAt: string
  type: string
  action: string
  success: boolean
  /** The user who acted; null: the client itself, or the server. */
  userId: string | null
  email: string | null
  ipAddress: string | null
  userAgent: string | null
  requestId: string | null
  metadata: Record<string, unknown>
  changes: AuditChange[]
}

/** The items of the paged lists of a client, by the name of the list in its path. */
export interface RelatedItems {
  grants: ClientGrant
  consents: ClientConsent
  events: ClientEvent
}

export type RelatedResource = keyof RelatedItems

export interface SecretSettings {
  label?: string | null
  /** ISO 8601. */
  expiresAt?: string | null
  /** Whether the secret can sign assertions (client_secret_jwt). */
  forSigning?: boolean
}

export const listClientSecrets = (id: string): ApiRequest<{ data: ClientSecret[] }> => ({
  method: 'GET',
  path: clientPath(id, '/secrets'),
})

export const addClientSecret = (id: string, settings: SecretSettings): ApiRequest<AddedSecret> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: clientPath(id, '/secrets'),
})

export const deleteClientSecret = (id: string, secretId: string): ApiRequest => deleteOne(id, 'secrets', secretId)

/** Replaces all secrets by a new one. The others expire after `overlapSeconds`. */
export const rotateClientSecret = (id: string, overlapSeconds: number): ApiRequest<ChangedClient> => ({
  ...jsonBody({ overlapSeconds }),
  method: 'POST',
  path: clientPath(id, '/rotate-secret'),
})

export const listRelated = <Resource extends RelatedResource>(
  id: string,
  resource: Resource,
  query: Query = {},
): ApiRequest<Page<RelatedItems[Resource]>> => ({
  method: 'GET',
  path: withQuery(clientPath(id, `/${resource}`), query),
})

export const listClientGrants = (id: string, query: Query = {}): ApiRequest<Page<ClientGrant>> =>
  listRelated(id, 'grants', query)

export const listClientConsents = (id: string, query: Query = {}): ApiRequest<Page<ClientConsent>> =>
  listRelated(id, 'consents', query)

export const listClientEvents = (id: string, query: Query = {}): ApiRequest<Page<ClientEvent>> =>
  listRelated(id, 'events', query)

export const revokeClientGrant = (id: string, grantId: string): ApiRequest => deleteOne(id, 'grants', grantId)

export const revokeClientGrants = (id: string): ApiRequest => ({ method: 'DELETE', path: clientPath(id, '/grants') })

export const revokeClientConsent = (id: string, userId: string): ApiRequest => deleteOne(id, 'consents', userId)

export const revokeClientConsents = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: clientPath(id, '/consents'),
})

function deleteOne(id: string, resource: 'secrets' | 'grants' | 'consents', itemId: string): ApiRequest {
  return { method: 'DELETE', path: clientPath(id, `/${resource}/${encodeURIComponent(itemId)}`) }
}
