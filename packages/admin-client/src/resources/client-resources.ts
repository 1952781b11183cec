import { type ApiRequest, jsonBody, type Query, withQuery } from '../transport/request.ts'
import { type ChangedClient, clientPath } from './clients.ts'
import type { Page } from './paging.ts'

/** Resources of one client, named as in their paths. */
export type RelatedResource = 'secrets' | 'grants' | 'consents' | 'events'

/** An item of one of these lists. */
export type RelatedItem = Readonly<Record<string, unknown>>

export interface AddedSecret {
  id: string
  clientSecret: string
  [member: string]: unknown
}

export interface SecretSettings {
  label?: string | null
  /** ISO 8601. */
  expiresAt?: string | null
  /** Whether the secret can sign assertions (client_secret_jwt). */
  forSigning?: boolean
}

export const listClientSecrets = (id: string): ApiRequest<{ data: RelatedItem[] }> => ({
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

export const listRelated = (
  id: string,
  resource: RelatedResource,
  query: Query = {},
): ApiRequest<Page<RelatedItem>> => ({
  method: 'GET',
  path: withQuery(clientPath(id, `/${resource}`), query),
})

export const listClientEvents = (id: string, query: Query = {}): ApiRequest<Page<RelatedItem>> =>
  listRelated(id, 'events', query)

export const revokeClientGrant = (id: string, grantId: string): ApiRequest => deleteOne(id, 'grants', grantId)

export const revokeClientGrants = (id: string): ApiRequest => ({ method: 'DELETE', path: clientPath(id, '/grants') })

export const revokeClientConsent = (id: string, userId: string): ApiRequest => deleteOne(id, 'consents', userId)

export const revokeClientConsents = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: clientPath(id, '/consents'),
})

function deleteOne(id: string, resource: RelatedResource, itemId: string): ApiRequest {
  return { method: 'DELETE', path: clientPath(id, `/${resource}/${encodeURIComponent(itemId)}`) }
}
