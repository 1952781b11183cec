import { profileOf, requiresJarm } from '../../clients/settings/profiles.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { withQuery } from '../../oauth/redirect-uri.ts'
import {
  resolveResponseEncoding,
  issuesFrontChannelTokens,
  parseResponseType,
  type ResponseEncoding,
} from '../../oauth/response-type.ts'
import { parseScope } from '../../oauth/scope.ts'
import type { FrontChannelResponse, ResponseChannel } from './response-channel.ts'
import { verifyResponseTarget, type ResponseTarget } from './response-target.ts'
import { computeSessionState } from './session-state.ts'

/**
 * The channel to a client whose redirect URI is verified. Only this channel can redirect a browser, so an error that occurs
 * before it exists is shown on a page (RFC 6749 §4.1.2.1).
 */
export interface BrowserChannel extends ResponseChannel, ResponseTarget {
  kind: 'browser'
  /** Whether the response is a JWT (JARM). */
  asJwt: boolean
}

export interface BrowserChannelOptions {
  issuer: string
  clock: Clock
  /** Encodes response parameters as a JWT (JARM). Throws `invalid_request` if it cannot be encrypted for the client. */
  encodeJarmResponse: (parameters: Readonly<Record<string, string>>, client: RegisteredClient) => Promise<string>
}

/**
 * Opens the channel to the redirect URI of a request; throws as `verifyResponseTarget`. `browserState` identifies the
 * sign-in state of the browser. Responses to OpenID requests contain it as `session_state` (Session Management §2).
 * Errors are encoded like successful responses, as a JWT if the request asks for one.
 */
export function openBrowserChannel(
  parameters: Parameters,
  requestingClient: RegisteredClient,
  browserState: string,
  { issuer, clock, encodeJarmResponse }: BrowserChannelOptions,
): BrowserChannel {
  const { client, redirectUri } = verifyResponseTarget(parameters, requestingClient, clock.now())
  const { transport, asJwt } = requestedEncoding(parameters, client)
  const state = parameters.duplicates.has('state') ? undefined : parameters.get('state')
  const isOpenId = parseScope(parameters.get('scope') ?? '')?.includes('openid') ?? false

  async function respond(result: Record<string, string>): Promise<FrontChannelResponse> {
    const sessionState = isOpenId ? computeSessionState(client.clientId, redirectUri, browserState) : undefined
    const responseParameters = {
      ...result,
      ...(state !== undefined && { state }),
      ...(sessionState !== undefined && { session_state: sessionState }),
      iss: issuer,
    }
    // In a JWT, `iss` is a claim. It is not sent beside the JWT (RFC 9207 §2.4).
    const encodedParameters: Record<string, string> = asJwt
      ? { response: await encodeJarmResponse(responseParameters, client) }
      : responseParameters
    if (transport === 'form_post' && /^https?:/.test(redirectUri))
      return { kind: transport, action: redirectUri, parameters: encodedParameters }
    const location =
      transport === 'fragment'
        ? `${redirectUri}#${new URLSearchParams(encodedParameters)}`
        : withQuery(redirectUri, encodedParameters)
    return { kind: 'redirect', location }
  }

  return {
    kind: 'browser',
    asJwt,
    client,
    redirectUri,
    respond,
    reject: ({ code, description }) => respond({ error: code, error_description: description }),
  }
}

/**
 * The encoding of the requested mode, if the client may use it; otherwise the default of the response type. A client whose
 * responses must be JWTs receives errors as JWTs, too.
 */
function requestedEncoding(parameters: Parameters, client: RegisteredClient): ResponseEncoding {
  const type = parseResponseType(parameters.get('response_type') ?? '')
  const mode = profileOf(client).responseModes.find((supported) => supported === parameters.get('response_mode'))
  const { transport, asJwt: isJwtRequested } = resolveResponseEncoding(mode, type)
  const asJwt = isJwtRequested || requiresJarm(client, type)
  if (transport === 'query' && type !== undefined && issuesFrontChannelTokens(type))
    return { transport: 'fragment', asJwt }
  return { transport, asJwt }
}
