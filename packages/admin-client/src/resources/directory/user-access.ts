import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'
import type { EndedAccess } from './users.ts'

/** A client, as lists of what a user gave to clients name it. */
export interface AccessClient {
  id: string
  clientId: string
  name: string
}

/** What a user has granted a client. Times are ISO 8601. */
export interface UserGrant {
  id: string
  client: AccessClient
  scopes: string[]
  offline: boolean
  sessionId: string | null
  createdAt: string
}

/** The scopes for which a client does not ask the user again. */
export interface UserConsent {
  client: AccessClient
  scopes: string[]
  grantedAt: string
}

const accessPath = (id: string, ...parts: string[]) =>
  ['/v1/admin/users', ...[id, ...parts].map(encodeURIComponent)].join('/')

/** What a bulk act did: how many users were changed, or why not. */
export interface BulkResult {
  action: string
  outcomes: Record<'changed' | 'unchanged' | 'forbidden' | 'owner' | 'ownAccount', number>
}

/** `change` has `filter`, `action`, `expectedCount`, and what the action needs. */
export const changeUsers = (change: unknown): ApiRequest<BulkResult> => ({
  ...jsonBody(change),
  method: 'POST',
  path: '/v1/admin/users/bulk',
})

/** What became of the users of an import, in their order. */
export interface ImportResult {
  dryRun: boolean
  counts: Record<'created' | 'updated' | 'unchanged' | 'failed', number>
  users: { outcome: 'created' | 'updated' | 'unchanged' | 'failed'; id?: string; reason?: string }[]
}

/** At most 200 users. A dry run stores nothing. */
export const importUsers = (users: readonly unknown[], { dryRun = false } = {}): ApiRequest<ImportResult> => ({
  ...jsonBody({ users }),
  method: 'POST',
  path: withQuery('/v1/admin/users/import', { dryRun: String(dryRun) }),
})

/** The result is text of any length: a user per line. Password hashes need a permission of their own. */
export const exportUsers = (
  query: { format?: 'ndjson' | 'csv'; passwordHashes?: 'true' | 'false' } = {},
): ApiRequest<string> => ({ method: 'GET', path: withQuery('/v1/admin/users/export', query) })

/** How many users the change would concern, which is its `expectedCount`. */
export const countUsersToChange = (change: unknown): ApiRequest<{ dryRun: true; count: number }> => ({
  ...jsonBody(change),
  method: 'POST',
  path: withQuery('/v1/admin/users/bulk', { dryRun: 'true' }),
})

/** Its grants end with it, except those for offline access. */
export const endUserSession = (id: string, sessionId: string): ApiRequest => ({
  method: 'DELETE',
  path: accessPath(id, 'sessions', sessionId),
})

export const listUserGrants = (id: string, query: Query = {}): ApiRequest<Page<UserGrant>> => ({
  method: 'GET',
  path: withQuery(accessPath(id, 'grants'), query),
})

export const revokeUserGrant = (id: string, grantId: string): ApiRequest => ({
  method: 'DELETE',
  path: accessPath(id, 'grants', grantId),
})

/** Returns the number of grants. */
export const revokeUserGrants = (id: string): ApiRequest<{ grants: number }> => ({
  method: 'DELETE',
  path: accessPath(id, 'grants'),
})

export const listUserConsents = (id: string, query: Query = {}): ApiRequest<Page<UserConsent>> => ({
  method: 'GET',
  path: withQuery(accessPath(id, 'consents'), query),
})

/** By the id or the `client_id` of the client. */
export const revokeUserConsent = (id: string, clientId: string): ApiRequest => ({
  method: 'DELETE',
  path: accessPath(id, 'consents', clientId),
})

/** Returns the number of consents. */
export const revokeUserConsents = (id: string): ApiRequest<{ consents: number }> => ({
  method: 'DELETE',
  path: accessPath(id, 'consents'),
})

/** A password, or a passkey with its other members. */
export interface SignInMethod {
  type: 'password' | 'passkey'
  id?: string
  name?: string
  /** What keeps the passkey. For display only. */
  provider?: string | null
  /** Whether it can be copied to other devices. */
  synced?: boolean
  backedUp?: boolean
  createdAt?: string
  lastUsedAt?: string | null
}

export const listSignInMethods = (id: string): ApiRequest<{ data: SignInMethod[] }> => ({
  method: 'GET',
  path: accessPath(id, 'sign-in-methods'),
})

/** Ends sessions and everything issued to the user. */
export const removeUserPassword = (id: string): ApiRequest<EndedAccess> => ({
  method: 'DELETE',
  path: accessPath(id, 'sign-in-methods', 'password'),
})

/** Sessions stay. */
export const removeUserPasskey = (id: string, passkeyId: string): ApiRequest => ({
  method: 'DELETE',
  path: accessPath(id, 'sign-in-methods', 'passkeys', passkeyId),
})
