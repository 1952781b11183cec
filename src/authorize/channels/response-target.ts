import type { Clock } from '../../lib/time/clock.ts'
import { isOrganisationActive } from '../../model/organisations/organisation.ts'
import { isClientActive, type ClientCache, type RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { matchRedirectUri } from '../../oauth/redirect-uri.ts'

/** A client and a redirect URI that is registered for it. */
export interface ResponseTarget {
  client: RegisteredClient
  redirectUri: string
}

export interface ClientLookupOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
}

/** Finds the client that a request names in `client_id`. Throws `unknown_client`, which is shown on a page. */
export async function findClient(
  parameters: Parameters,
  { clock, clients }: ClientLookupOptions,
): Promise<RegisteredClient> {
  rejectDuplicateOnPage(parameters, 'client_id')
  const clientId = parameters.get('client_id')
  if (clientId === undefined) throw new OAuthError('invalid_request', "The parameter 'client_id' is missing.")
  const client = await clients.find(clientId)
  if (!client)
    throw new OAuthError('unknown_client', `There is no client with the client_id '${clientId.slice(0, 100)}'.`)
  requireActiveClient(client, clock.now())
  return client
}

/** Throws `unknown_client`, shown on a page, if the client is disabled or has expired, or its organisation is not active. */
export function requireActiveClient(client: RegisteredClient, now: Date): void {
  if (!isOrganisationActive(client.organisation.status)) {
    throw new OAuthError('unknown_client', 'The organisation of this client is suspended or closed.', { status: 403 })
  }
  if (!isClientActive(client, now))
    throw new OAuthError('unknown_client', 'This client is not active.', { status: 403 })
}

/**
 * Verifies the redirect URI of a request. Throws `unknown_client` or `redirect_uri_mismatch`, which are shown on a page and
 * never sent to a redirect URI (RFC 9700 §4.11.2).
 */
export function verifyResponseTarget(parameters: Parameters, client: RegisteredClient, now: Date): ResponseTarget {
  requireActiveClient(client, now)
  rejectDuplicateOnPage(parameters, 'redirect_uri')
  const redirectUri = parameters.get('redirect_uri')
  if (redirectUri === undefined) throw new OAuthError('invalid_request', "The parameter 'redirect_uri' is missing.")
  if (matchRedirectUri(client.redirectUris, redirectUri, client.clientType) === undefined) {
    throw new OAuthError(
      'redirect_uri_mismatch',
      `The redirect_uri '${redirectUri.slice(0, 300)}' is not registered for this client. It must match a registered one exactly, including scheme, host, port, path and trailing slash.`,
    )
  }
  return { client, redirectUri }
}

function rejectDuplicateOnPage(parameters: Parameters, name: string): void {
  if (parameters.duplicates.has(name)) {
    throw new OAuthError('invalid_request', `The parameter '${name}' is sent more than once.`)
  }
}
