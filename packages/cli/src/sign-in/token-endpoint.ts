import { type ApiResponse, createApiError } from 'cerberus-idp-admin-client'
import { postAsClient } from '../requests/post-as-client.ts'
import type { ServerMetadata } from '../requests/server-metadata.ts'
import { addSeconds, now } from '../system/clock.ts'
import type { ClientCredentials } from './client-authentication.ts'
import type { StoredToken } from './contexts.ts'

const DEFAULT_LIFETIME_SECONDS = 60
/** A token that expires sooner is refreshed, so that it does not expire on its way. */
const MIN_LIFETIME_SECONDS = 5

/** Sends a token request and returns the response, whatever its status (RFC 6749 §3.2). */
export async function requestTokens(
  metadata: ServerMetadata,
  client: ClientCredentials,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<ApiResponse> {
  return postAsClient(metadata, client, metadata.token, fields)
}

/** The tokens in a response of the token endpoint. Throws its error otherwise. */
export function parseTokenResponse({ status, body }: ApiResponse, clientId: string): StoredToken {
  const {
    access_token: accessToken,
    expires_in: lifetime,
    refresh_token: refreshToken,
    scope,
  } = body as Record<string, unknown>
  if (status !== 200 || typeof accessToken !== 'string') throw createApiError(status, body)
  const seconds = typeof lifetime === 'number' ? lifetime : DEFAULT_LIFETIME_SECONDS
  return {
    accessToken,
    expiresAt: addSeconds(now(), seconds).toISOString(),
    refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
    scope: typeof scope === 'string' ? scope : '',
    clientId,
  }
}

/** Whether a token is valid long enough for a request. */
export function isFresh({ expiresAt }: StoredToken): boolean {
  return new Date(expiresAt) > addSeconds(now(), MIN_LIFETIME_SECONDS)
}

/** Requests a token for the client itself (RFC 6749 §4.4). */
export async function requestClientToken(
  metadata: ServerMetadata,
  client: ClientCredentials,
  scope: string | undefined,
): Promise<StoredToken> {
  const response = await requestTokens(metadata, client, { grant_type: 'client_credentials', scope })
  return parseTokenResponse(response, client.clientId)
}
