// `clients` has the requests about clients and what belongs to them.

import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

export const CLIENTS_PATH = '/v1/admin/clients'

/** Settings of a client by the names of the API. */
export type ClientSettings = Readonly<Record<string, unknown>>

/** A client as the server returns it. Servers of other versions may have more or fewer settings. */
export interface Client {
  id: string
  clientId: string
  externalId?: string | null
  name: string
  clientType: 'confidential' | 'public'
  isActive: boolean
  groups?: string[]
  expiresAt?: string | null
  lastUsedAt?: string | null
  [setting: string]: unknown
}

/** A setting that carries a risk. */
export interface Warning {
  code: string
  member: string
  /** Completes the sentence that begins with the member. */
  message: string
  advice: string
}

/** A client right after a request that changed it. Only then the server returns warnings and a new secret. */
export interface ChangedClient extends Client {
  warnings?: Warning[]
  clientSecret?: string | null
}

/** A check of the client test or of a rejected authorization request. */
export interface Check {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  expected: string
  seen: string
  advice: string | null
}

export interface ClientTest {
  passed: boolean
  /** Checks of the client's settings. */
  checks: Check[]
  /** Checks of the authorization request. */
  request: Check[]
}

/** Whether a clientId can be chosen for a new client. Others are generated, or URLs of metadata documents. */
export function isChosenClientId(clientId: string): boolean {
  return !clientId.startsWith('client_') && !clientId.includes(':')
}

/** The path of a client, by its id or its clientId, or of a resource below it. */
export function clientPath(id: string, below = ''): string {
  return `${CLIENTS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listClients = (query: Query = {}): ApiRequest<Page<Client>> => ({
  method: 'GET',
  path: withQuery(CLIENTS_PATH, query),
})

export const getClient = (id: string): ApiRequest<Client> => ({ method: 'GET', path: clientPath(id) })

export const createClient = (settings: unknown): ApiRequest<ChangedClient> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: CLIENTS_PATH,
})

/** Changes the given settings, each as a whole; null removes a setting that may be absent. */
export const updateClient = (id: string, settings: ClientSettings): ApiRequest<ChangedClient> => ({
  ...jsonBody(settings),
  method: 'PATCH',
  path: clientPath(id),
})

/** Applies a merge patch (RFC 7396), or a JSON Patch (RFC 6902) where `patch` is a list. */
export const patchClient = (id: string, patch: unknown): ApiRequest<ChangedClient> => ({
  ...jsonBody(patch, Array.isArray(patch) ? 'application/json-patch+json' : 'application/merge-patch+json'),
  method: 'PATCH',
  path: clientPath(id),
})

export const replaceClient = (id: string, settings: unknown): ApiRequest<ChangedClient> => ({
  ...jsonBody(settings),
  method: 'PUT',
  path: clientPath(id),
})

export const deleteClient = (id: string): ApiRequest => ({ method: 'DELETE', path: clientPath(id) })

export const enableClient = (id: string): ApiRequest<ChangedClient> => ({
  method: 'POST',
  path: clientPath(id, '/enable'),
})

export const disableClient = (id: string): ApiRequest<ChangedClient> => ({
  method: 'POST',
  path: clientPath(id, '/disable'),
})

/** Registers a client with the settings of another. */
export const cloneClient = (id: string, name: string | undefined): ApiRequest<ChangedClient> => ({
  ...jsonBody(name === undefined ? {} : { name }),
  method: 'POST',
  path: clientPath(id, '/clone'),
})

/** Disables a client and revokes everything issued to it. */
export const revokeClient = (id: string): ApiRequest => ({ method: 'POST', path: clientPath(id, '/revoke') })

export const lintClient = (id: string): ApiRequest<{ data: Warning[] }> => ({
  method: 'GET',
  path: clientPath(id, '/lint'),
})

/** Tests a client; `parameters` are those of an authorization request to check as well. */
export const testClient = (id: string, parameters?: unknown): ApiRequest<ClientTest> => ({
  ...jsonBody(parameters === undefined ? {} : { parameters }),
  method: 'POST',
  path: clientPath(id, '/test'),
})
