import { addSeconds, systemClock } from '../lib/clock.ts'
import type { ClientCredentials } from './client-authentication.ts'
import { askAsClient } from './client-endpoint.ts'
import type { StoredToken } from './contexts.ts'
import { failureOf } from './failure.ts'
import type { Metadata } from './metadata.ts'
import type { ServerAnswer } from './server.ts'

/** Asks the token endpoint, and answers whatever it says (RFC 6749 §3.2). */
export async function askForTokens(
  metadata: Metadata,
  client: ClientCredentials,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<ServerAnswer> {
  return askAsClient(metadata, client, metadata.token, fields)
}

/** The tokens of an answer of the token endpoint; throws what it refuses with. */
export function tokensOf({ status, body }: ServerAnswer, clientId: string): StoredToken {
  const {
    access_token: accessToken,
    expires_in: lifetime,
    refresh_token: refreshToken,
    scope,
  } = body as Record<string, unknown>
  if (status !== 200 || typeof accessToken !== 'string') throw failureOf(status, body)
  return {
    accessToken,
    expiresAt: addSeconds(systemClock.now(), typeof lifetime === 'number' ? lifetime : 60).toISOString(),
    refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
    scope: typeof scope === 'string' ? scope : '',
    clientId,
  }
}

/** Whether a token is good for a few seconds more. */
export function isFresh({ expiresAt }: StoredToken): boolean {
  return new Date(expiresAt) > addSeconds(systemClock.now(), 5)
}

/** A client's own token (RFC 6749 §4.4). */
export async function ownToken(
  metadata: Metadata,
  client: ClientCredentials,
  scope: string | undefined,
): Promise<StoredToken> {
  const answer = await askForTokens(metadata, client, { grant_type: 'client_credentials', scope })
  return tokensOf(answer, client.clientId)
}
