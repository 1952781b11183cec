// `logout` owns the end of a browser session (OpenID Connect RP-Initiated Logout 1.0): when no confirmation is needed,
// where the browser is redirected afterwards, and how applications are notified: by iframes of the page (front
// channel), by the back channel, and by a page that they load in an iframe (session management).

import type { SubjectResolver } from '../clients/subject-identifier.ts'
import { readIdTokenHint, type IdTokenHintOptions, type VerifiedHint } from '../keys/id-token-hint.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import type { ClientCache, RegisteredClient } from '../model/clients/client-cache.ts'
import { OAuthError } from '../oauth/errors.ts'
import { logoutRequest, type LogoutMessage } from '../oauth/messages/logout-request.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { withQuery } from '../oauth/redirect-uri.ts'

export interface LogoutRequestOptions extends IdTokenHintOptions {
  clients: Pick<ClientCache, 'find'>
}

/** A validated logout request. */
export interface LogoutRequest {
  client: RegisteredClient | undefined
  /** Registered for the client, with `state` appended. */
  postLogoutRedirectUri: string | undefined
  /** The subject and the session of the ID token hint. */
  hint: VerifiedHint | undefined
}

/**
 * Reads a logout request (§2, §3). Throws errors that are shown on a page: for a hint that this server did not issue, for a
 * hint of another client than `client_id`, and for a redirect URI that is not registered. A hint whose key is gone counts as
 * none (§4), so that the user is asked: an application may keep an ID token longer than this server keeps its key.
 */
export async function readLogoutRequest(parameters: Parameters, options: LogoutRequestOptions): Promise<LogoutRequest> {
  const message = parseMessage(logoutRequest, parameters)
  const { id_token_hint: idTokenHint, client_id: requestedClientId } = message
  const read = idTokenHint === undefined ? 'unverifiable' : await readIdTokenHint(idTokenHint, options)
  if (read === 'invalid') {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'id_token_hint' must be an ID token that this server issued.",
    )
  }
  const hint = read === 'unverifiable' ? undefined : read
  if (requestedClientId !== undefined && hint !== undefined && hint.audience !== requestedClientId) {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'id_token_hint' was issued to another client than 'client_id'.",
    )
  }
  const clientId = hint?.audience ?? requestedClientId
  const client = clientId === undefined ? undefined : await options.clients.find(clientId)
  return { client, postLogoutRedirectUri: verifyPostLogoutRedirectUri(message, client), hint }
}

function verifyPostLogoutRedirectUri(
  { post_logout_redirect_uri: uri, state }: LogoutMessage,
  client: RegisteredClient | undefined,
): string | undefined {
  // Without a client the URI cannot be registered: the logout continues without a redirect (§3).
  if (uri === undefined || !client) return undefined
  if (!client.postLogoutRedirectUris.includes(uri)) {
    throw new OAuthError(
      'redirect_uri_mismatch',
      "The 'post_logout_redirect_uri' is not registered for this client. It must match a registered one exactly.",
    )
  }
  return state === undefined ? uri : withQuery(uri, { state })
}

/** Whether a session may end without confirmation: the hint is an ID token of this sign-in (§2). */
export function canSkipConfirmation(
  { client, hint }: LogoutRequest,
  session: ActiveSession,
  resolveSubject: SubjectResolver,
): boolean {
  if (!client || hint?.subject !== resolveSubject(client, session.userId)) return false
  return hint.sessionId === undefined || hint.sessionId === session.id
}
