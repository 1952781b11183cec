// `authorize` owns the authorization endpoint and its pages.
// `request/` reads the request, `checks/` validates it, `decide.ts` chooses the next step, `channels/` sends the response.
// Interactive steps never link to one another: each returns to the authorization endpoint.
// Exchanging the issued code belongs to `grants`.

import type { BrowserSessions } from '../authentication/sessions/browser-sessions.ts'
import type { LastUsedTracker } from '../clients/authentication/last-used.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { PasskeyRepository } from '../model/passkeys/passkey.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parametersFromRecord, type Parameters } from '../oauth/parameters.ts'
import { responseTypeIncludes } from '../oauth/response-type.ts'
import { openBrowserChannel, type BrowserChannel, type BrowserChannelOptions } from './channels/browser.ts'
import {
  approveDevice,
  bindDeviceToSession,
  buildDeviceAuthorizationRequest,
  openDeviceChannel,
  type DeviceChannel,
  type DeviceOptions,
} from './channels/device.ts'
import type { FrontChannelResponse } from './channels/response-channel.ts'
import { findClient, type ClientLookupOptions } from './channels/response-target.ts'
import { checkRequest, type CheckOptions } from './checks/check-request.ts'
import { decide, mentionsDevicePasskey, type Decision } from './decide.ts'
import { issueAuthorizationResponse, type AuthorizationResponseOptions } from './issue-response.ts'
import type { AuthorizationRequest } from './request/authorization-request.ts'
import type { PendingRequest } from './request/pending-request.ts'
import {
  findPushedRequest,
  isPushedRequestUri,
  rejectUnpushedRequest,
  type ResolvedRequest,
  type PushedRequestOptions,
} from './request/pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestObjectOptions } from './request/request-object.ts'

export interface AuthorizeOptions
  extends
    BrowserChannelOptions,
    CheckOptions,
    AuthorizationResponseOptions,
    RequestObjectOptions,
    PushedRequestOptions,
    DeviceOptions {
  resolveSubject: SubjectResolver
  /** Whether browsers create passkeys for this server. */
  arePasskeysPossible: boolean
  passkeys: Pick<PasskeyRepository, 'list'>
  lastUsed: Pick<LastUsedTracker, 'record'>
  browserSessions: BrowserSessions
  /** Throws `invalid_request` if one of the responses must be encrypted and the client publishes no usable key. */
  requireEncryptionKeys: (
    client: RegisteredClient,
    responses: { idToken: boolean; authorizationResponse: boolean },
  ) => Promise<void>
}

/** A response for the client, or the step that comes first. `resume`: the browser must come back with its cookies. */
export type AuthorizeResult =
  | { next: 'respond'; response: FrontChannelResponse; error?: OAuthError }
  | {
      next: 'login' | 'second_factor' | 'enrol_passkey' | 'select_account' | 'consent' | 'resume'
      hintedSubject: string | undefined
    }

export interface AuthorizeInput extends ResolvedRequest {
  sessionCookie: string | undefined
  browserState: string
  /** The stored request that this visit continues. */
  pendingRequest: PendingRequest | undefined
  /** Whether the browser withheld its cookies, as it does for a form of another site. The next GET request sends them. */
  cookiesWithheld: boolean
  requestMetadata: RequestMetadata
}

/**
 * Resolves the client and the parameters of a request: from the request itself, a request object or a pushed request. An
 * error of a request object is sent to the client if the redirect URI is valid without it. Other errors are thrown and
 * shown on a page, as are all errors of pushed requests.
 */
export async function resolveRequest(
  parameters: Parameters,
  browserState: string,
  options: ClientLookupOptions & BrowserChannelOptions & RequestObjectOptions & PushedRequestOptions,
): Promise<
  | ({ next: 'continue' } & ResolvedRequest)
  | { next: 'respond'; response: FrontChannelResponse; error: OAuthError; client: RegisteredClient }
> {
  const client = await findClient(parameters, options)
  if (isPushedRequestUri(parameters)) {
    return { next: 'continue', ...(await findPushedRequest(parameters, client, options)) }
  }
  try {
    rejectUnpushedRequest(client)
    const usesRequestObject = hasRequestObject(parameters) || client.requireSignedRequestObject
    const resolvedParameters = usesRequestObject ? await readRequestObject(parameters, client, options) : parameters
    return { next: 'continue', parameters: resolvedParameters, client, pushed: undefined, hintedSubject: undefined }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    let channel: BrowserChannel
    try {
      channel = openBrowserChannel(parameters, client, browserState, options)
    } catch (channelError) {
      throw channelError instanceof OAuthError ? error : channelError
    }
    return { next: 'respond', response: await channel.reject(error), error, client }
  }
}

/**
 * Handles one visit to the authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2). Throws errors that are
 * shown on a page; errors for the client are in the result.
 */
export async function authorize(input: AuthorizeInput, options: AuthorizeOptions): Promise<AuthorizeResult> {
  const channel = openChannel(input, options)
  try {
    const { request, decision } = await evaluate(input, channel, options)
    if (decision.next === 'consent' && request.channel === 'device') {
      await bindDeviceToSession(request, decision.session, options)
    }
    if (decision.next !== 'issue') return { next: decision.next, hintedSubject: request.hintedSubject }
    // Before the request is consumed: it can be repeated when the client has published a key.
    if (request.channel === 'browser' && channel.kind === 'browser') {
      const idToken = responseTypeIncludes(request.responseType, 'id_token')
      await options.requireEncryptionKeys(request.client, { idToken, authorizationResponse: channel.asJwt })
    }
    const responseParameters = await issueFor(request, decision.session, input, options)
    options.lastUsed.record(request.client)
    return { next: 'respond', response: await channel.respond(responseParameters) }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { next: 'respond', response: await channel.reject(error), error }
  }
}

/** The parameters of the response; a device receives none through the browser. */
async function issueFor(
  request: AuthorizationRequest,
  session: ActiveSession,
  { parameters, pendingRequest, pushed, requestMetadata }: AuthorizeInput,
  options: AuthorizeOptions,
): Promise<Record<string, string>> {
  switch (request.channel) {
    case 'browser': {
      const consumed = { pendingRequestId: pendingRequest?.id, pushed, state: parameters.get('state'), requestMetadata }
      return issueAuthorizationResponse(request, session, consumed, options)
    }
    case 'device':
      await approveDevice(request, session, pendingRequest?.id ?? '', options)
      return {}
  }
}

/** Checks whether `step` is the next step of a pending request, and returns what its page needs. Changes nothing. */
export async function reevaluate(
  input: Omit<AuthorizeInput, 'cookiesWithheld' | 'requestMetadata' | 'pushed'>,
  step: 'select_account' | 'consent',
  options: AuthorizeOptions,
): Promise<{ request: AuthorizationRequest; session: ActiveSession } | undefined> {
  const channel = openChannel(input, options)
  try {
    const { request, decision } = await evaluate({ ...input, cookiesWithheld: false }, channel, options)
    return decision.next === step ? { request, session: decision.session } : undefined
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

/**
 * The next step of a pending request, if it is a page of signing in, and otherwise undefined. `second_factor` has the class
 * that the session must reach. Changes nothing.
 */
export async function nextSignInStep(
  pendingRequest: PendingRequest,
  { sessionCookie, browserState }: Pick<AuthorizeInput, 'sessionCookie' | 'browserState'>,
  options: AuthorizeOptions,
): Promise<Extract<Decision, { next: 'login' | 'second_factor' | 'enrol_passkey' }> | undefined> {
  const parameters = parametersFromRecord(pendingRequest.parameters)
  const hintedSubject = pendingRequest.hintedSubject ?? undefined
  const input = {
    parameters,
    hintedSubject,
    client: pendingRequest.client,
    browserState,
    pendingRequest,
    sessionCookie,
  }
  try {
    const { decision } = await evaluate({ ...input, cookiesWithheld: false }, openChannel(input, options), options)
    const { next } = decision
    return next === 'login' || next === 'second_factor' || next === 'enrol_passkey' ? decision : undefined
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

/** Denies a pending request for the user; `sessionId` is set if the user is signed in. */
export async function denyAuthorization(
  input: Pick<AuthorizeInput, 'parameters' | 'client' | 'browserState'> & { pendingRequest: PendingRequest },
  sessionId: string | undefined,
  options: AuthorizeOptions,
): Promise<FrontChannelResponse> {
  const channel = openChannel(input, options)
  const { pendingRequest } = input
  if (pendingRequest.channel === 'device') {
    const device = { id: pendingRequest.deviceAuthorizationId, organisationId: pendingRequest.organisationId }
    await options.deviceAuthorizations.deny(device, sessionId, options.clock.now())
  }
  return channel.reject(new OAuthError('access_denied', 'The user denied the request.'))
}

function openChannel(
  {
    parameters,
    client,
    browserState,
    pendingRequest,
  }: Pick<AuthorizeInput, 'parameters' | 'client' | 'browserState' | 'pendingRequest'>,
  options: AuthorizeOptions,
): BrowserChannel | DeviceChannel {
  return pendingRequest?.channel === 'device'
    ? openDeviceChannel(client, pendingRequest.deviceAuthorizationId, options)
    : openBrowserChannel(parameters, client, browserState, options)
}

type Evaluation = {
  request: AuthorizationRequest
  decision: Exclude<Decision, { next: 'reject' }> | { next: 'resume' }
}

async function evaluate(
  {
    parameters,
    sessionCookie,
    hintedSubject,
    pendingRequest,
    cookiesWithheld,
  }: Pick<AuthorizeInput, 'parameters' | 'hintedSubject' | 'sessionCookie' | 'pendingRequest' | 'cookiesWithheld'>,
  channel: BrowserChannel | DeviceChannel,
  options: AuthorizeOptions,
): Promise<Evaluation> {
  const request =
    channel.kind === 'browser'
      ? await checkRequest(parameters, channel, options)
      : await buildDeviceAuthorizationRequest(parameters, channel, options)
  request.hintedSubject ??= hintedSubject
  const sessionContext = await options.browserSessions.find(sessionCookie, request.client.id)
  if (!sessionContext && cookiesWithheld) return { request, decision: { next: 'resume' } }
  const { resolveSubject, arePasskeysPossible } = options
  const user = sessionContext?.session.user
  const hasDevicePasskey =
    user !== undefined &&
    mentionsDevicePasskey(request) &&
    (await options.passkeys.list(user)).some(({ backupEligible }) => !backupEligible)
  const facts = { resolveSubject, arePasskeysPossible, hasDevicePasskey }
  const decision = decide(request, sessionContext, pendingRequest, options.clock.now(), facts)
  if (decision.next === 'reject') throw new OAuthError(decision.code, decision.description)
  return { request, decision }
}
