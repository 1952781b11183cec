import { type ApiRequest, jsonBody, type Query, withQuery } from '../transport/request.ts'
import type { Page } from './paging.ts'

const RESOURCES_PATH = '/v1/admin/resources'

/** A scope of a resource, with its words on the consent page. */
export interface ResourceScope {
  name: string
  title: string | null
  description: string | null
  /** By language tag. */
  localised: Record<string, { title?: string | null; description?: string | null }>
}

/** An API that access tokens are issued for (RFC 8707). Times are ISO 8601. */
export interface ProtectedResource {
  id: string
  identifier: string
  name: string
  localised: Record<string, { name: string }>
  isActive: boolean
  scopes: ResourceScope[]
  accessTokenFormat: 'jwt' | 'opaque'
  accessTokenTyp: 'at+jwt' | 'JWT'
  accessTokenSigningAlg: string
  /** Seconds; null: that of the client. */
  accessTokenLifetime: number | null
  clientKinds: ('all' | 'first_party' | 'managed' | 'dcr' | 'cimd')[]
  clients: string[]
  /** Claims about the user, as of clients. */
  claims: Record<string, unknown>[]
  maxClaimBytes: number
  hostsMetadata: boolean
  documentationUri: string | null
  organisationId: string
  createdAt: string
  updatedAt: string
}

const resourcePath = (id: string) => `${RESOURCES_PATH}/${encodeURIComponent(id)}`

export const listResources = (query: Query = {}): ApiRequest<Page<ProtectedResource>> => ({
  method: 'GET',
  path: withQuery(RESOURCES_PATH, query),
})

export const getResource = (id: string): ApiRequest<ProtectedResource> => ({ method: 'GET', path: resourcePath(id) })

export const createResource = (settings: unknown): ApiRequest<ProtectedResource> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: RESOURCES_PATH,
})

export const updateResource = (id: string, changes: unknown): ApiRequest<ProtectedResource> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: resourcePath(id),
})

export const deleteResource = (id: string): ApiRequest => ({ method: 'DELETE', path: resourcePath(id) })
