// `authorize/channels` owns where an authorization request comes from and where its response goes.
// A response channel exists only for a verified client and redirect URI; without one, errors are shown on a page.
// The device flow has its own channel (RFC 8628).

import { profileOf } from '../../clients/settings/profiles.ts'
import type { Clock } from '../../lib/clock.ts'
import { matchRedirectUri, withQuery } from '../../oauth/redirect-uri.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import {
  resolveResponseEncoding,
  issuesFrontChannelTokens,
  parseResponseType,
  type ResponseEncoding,
} from '../../oauth/response-type.ts'
import { parseScope } from '../../oauth/scope.ts'
import { computeSessionState } from './session-state.ts'
import { isClientActive, type ClientCache, type RegisteredClient } from '../../model/clients/client.ts'

/** What the browser is told to do. */
export type FrontChannelResponse =
  | { kind: 'redirect'; location: string }
  | { kind: 'form_post'; action: string; parameters: Record<string, string> }
  | { kind: 'device'; outcome: DeviceOutcome; client: RegisteredClient }

/** What a person is told whose device hears of it by itself. */
export type DeviceOutcome = 'approved' | 'denied' | 'unusable'

/** A client, and a redirect URI of its own. */
export interface ResponseTarget {
  client: RegisteredClient
  redirectUri: string
}

/**
 * The way back to a client whose redirect URI has been verified. Nothing else can send a browser anywhere, so what goes
 * wrong before one exists is shown as a page (RFC 6749 §4.1.2.1).
 */
export interface ResponseChannel extends ResponseTarget {
  /** Sends what was issued. */
  respond(parameters: Record<string, string>): Promise<FrontChannelResponse>
  /** Sends a refusal. */
  reject(error: OAuthError): Promise<FrontChannelResponse>
}

export interface ResponseTargetOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
}

export interface ResponseChannelOptions extends ResponseTargetOptions {
  issuer: string
  /** The parameters of an answer as a JWT for this client. Throws `invalid_request` where it cannot be encrypted to it. */
  encodeJarmResponse: (parameters: Readonly<Record<string, string>>, client: RegisteredClient) => Promise<string>
}

/**
 * Verifies client and redirect URI. Throws `unknown_client` or `redirect_uri_mismatch`, which belong on a page and never in
 * a redirect (RFC 9700 §4.11.2).
 */
export async function verifyResponseTarget(
  parameters: Parameters,
  options: ResponseTargetOptions,
): Promise<ResponseTarget> {
  const client = await findClient(parameters, options)
  return { client, redirectUri: verifyRedirectUri(parameters, client) }
}

/**
 * Opens the way back, as `verifyTarget`. `browserState` is what the browser says of who is signed in; answers to OpenID
 * requests carry it on (OpenID Connect Session Management §2). Answers are JWTs where the request wants them so, refusals too.
 */
export async function openBrowserChannel(
  parameters: Parameters,
  browserState: string,
  { issuer, clock, clients, encodeJarmResponse }: ResponseChannelOptions,
): Promise<ResponseChannel> {
  const { client, redirectUri } = await verifyResponseTarget(parameters, { clock, clients })
  const { transport, asJwt } = requestedEncoding(parameters, client)
  const state = parameters.duplicates.has('state') ? undefined : parameters.get('state')

  const isOpenId = parseScope(parameters.get('scope') ?? '')?.includes('openid') ?? false

  async function respond(result: Record<string, string>): Promise<FrontChannelResponse> {
    const sessionStateValue = isOpenId ? computeSessionState(client.clientId, redirectUri, browserState) : undefined
    const responseParameters = {
      ...result,
      ...(state !== undefined && { state }),
      ...(sessionStateValue !== undefined && { session_state: sessionStateValue }),
      iss: issuer,
    }
    // Of a JWT `iss` is a claim, and nothing stands beside it (RFC 9207 §2.4).
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
    client,
    redirectUri,
    respond,
    reject: ({ code, description }) => respond({ error: code, error_description: description }),
  }
}

/** By the mode that was asked for, where it can be had; a refusal of one that cannot goes the usual way of its type. */
function requestedEncoding(parameters: Parameters, client: RegisteredClient): ResponseEncoding {
  const type = parseResponseType(parameters.get('response_type') ?? '')
  const mode = profileOf(client).responseModes.find((supported) => supported === parameters.get('response_mode'))
  const { transport, asJwt } = resolveResponseEncoding(mode, type)
  if (transport === 'query' && type !== undefined && issuesFrontChannelTokens(type))
    return { transport: 'fragment', asJwt }
  return { transport, asJwt }
}

/** The client that a request names. Throws `unknown_client`, which belongs on a page. */
export async function findClient(
  parameters: Parameters,
  { clock, clients }: ResponseTargetOptions,
): Promise<RegisteredClient> {
  rejectDuplicateOnPage(parameters, 'client_id')
  const clientId = parameters.get('client_id')
  if (clientId === undefined) throw new OAuthError('invalid_request', "The parameter 'client_id' is missing.")
  const client = await clients.find(clientId)
  if (!client)
    throw new OAuthError('unknown_client', `There is no client with the client_id '${clientId.slice(0, 100)}'.`)
  if (!isClientActive(client, clock.now()))
    throw new OAuthError('unknown_client', 'This client is not active.', { status: 403 })
  return client
}

function verifyRedirectUri(parameters: Parameters, client: RegisteredClient): string {
  rejectDuplicateOnPage(parameters, 'redirect_uri')
  const presented = parameters.get('redirect_uri')
  if (presented === undefined) throw new OAuthError('invalid_request', "The parameter 'redirect_uri' is missing.")
  if (matchRedirectUri(client.redirectUris, presented, client.clientType) === undefined) {
    throw new OAuthError(
      'redirect_uri_mismatch',
      `The redirect_uri '${presented.slice(0, 300)}' is not one that is registered for this client. It must match exactly, including scheme, host, port, path and trailing slash.`,
    )
  }
  return presented
}

function rejectDuplicateOnPage(parameters: Parameters, name: string): void {
  if (parameters.duplicates.has(name)) {
    throw new OAuthError('invalid_request', `The parameter '${name}' is sent more than once.`)
  }
}
