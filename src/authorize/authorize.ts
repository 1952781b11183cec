// `authorize` owns the authorization endpoint and the pages it leads through.
// `channels/` verifies where a response may go, `checks/` validates the request, and `decide.ts` chooses the next step.
// Interactive steps never lead to one another: each returns to the authorization endpoint.
// Exchanging the issued code belongs to `grants`.

import type { BrowserSessions } from '../authentication/sessions/browser-sessions.ts'
import type { LastUsedTracker } from '../clients/authentication/last-used.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { PendingRequest } from './pending-request.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { issueAuthorizationResponse, type AuthorizationResponseOptions } from './issue-response.ts'
import { checkRequest } from './checks/check-request.ts'
import type { IdTokenHintOptions } from './checks/id-token-hint.ts'
import { decide, type Decision } from './decide.ts'
import {
  approveDevice,
  claimDevice,
  buildDeviceAuthorizationRequest,
  openDeviceChannel,
  type DeviceOptions,
} from './channels/device.ts'
import type { AuthorizationRequest } from './request/authorization-request.ts'
import {
  findPushedRequest,
  isPushedRequestUri,
  rejectUnpushedRequest,
  type ResolvedRequest,
  type PushedRequestOptions,
} from './request/pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestObjectOptions } from './request/request-object.ts'
import {
  findClient,
  openBrowserChannel,
  type ResponseChannelOptions,
  type FrontChannelResponse,
  type ResponseChannel,
} from './channels/response-channel.ts'

export interface AuthorizeOptions
  extends
    ResponseChannelOptions,
    IdTokenHintOptions,
    AuthorizationResponseOptions,
    RequestObjectOptions,
    PushedRequestOptions,
    DeviceOptions {
  resolveSubject: SubjectResolver
  lastUsed: Pick<LastUsedTracker, 'record'>
  browserSessions: BrowserSessions
}

/** Either an answer to the client, or what the person must be asked first. */
export type AuthorizeResult =
  | { next: 'respond'; response: FrontChannelResponse; error?: OAuthError }
  | { next: 'login' | 'resume'; request: AuthorizationRequest }
  | { next: 'select_account' | 'consent'; request: AuthorizationRequest; session: ActiveSession }

export interface AuthorizeInput extends ResolvedRequest {
  sessionCookie: string | undefined
  browserState: string
  /** The kept request that this visit goes on with. */
  pendingRequest: PendingRequest | undefined
  /** A form posted by another site carries no cookies: who is signed in shows only after coming back by GET. */
  cookiesWithheld: boolean
  origin: RequestMetadata
}

/**
 * The parameters of a request, wherever its client has put them. What is wrong with a request object goes back to the
 * client, where the way is known without it; otherwise, and of a pushed request, it is thrown, and belongs on a page.
 */
export async function resolveRequest(
  parameters: Parameters,
  browserState: string,
  options: ResponseChannelOptions & RequestObjectOptions & PushedRequestOptions,
): Promise<({ next: 'go_on' } & ResolvedRequest) | Extract<AuthorizeResult, { next: 'respond' }>> {
  const client = await findClient(parameters, options)
  if (isPushedRequestUri(parameters)) {
    return { next: 'go_on', ...(await findPushedRequest(parameters, client, options)) }
  }
  try {
    rejectUnpushedRequest(client)
    const usesRequestObject = hasRequestObject(parameters) || client.requireSignedRequestObject
    const resolvedParameters = usesRequestObject ? await readRequestObject(parameters, client, options) : parameters
    return { next: 'go_on', parameters: resolvedParameters, pushed: undefined }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const channel = await openBrowserChannel(parameters, browserState, options).catch((channelError: unknown) => {
      if (channelError instanceof OAuthError) throw error
      throw channelError
    })
    return { next: 'respond', response: await channel.reject(error), error: error }
  }
}

/**
 * One visit to the authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2). Throws what belongs on a page;
 * what belongs to the client is in the result.
 */
export async function authorize(input: AuthorizeInput, options: AuthorizeOptions): Promise<AuthorizeResult> {
  const channel = await openResponseChannel(input, options)
  try {
    const { request, decision } = await evaluate(input, channel, options)
    if (decision.next === 'consent') await claimDevice(request, decision.session, options)
    if (decision.next !== 'issue') return { ...decision, request }
    const consumed = { pendingRequestId: input.pendingRequest?.id, pushed: input.pushed, origin: input.origin }
    const responseParameters =
      request.deviceAuthorizationId === undefined
        ? await issueAuthorizationResponse(request, decision.session, consumed, options)
        : await approveDevice(request, decision.session, input.pendingRequest, options)
    options.lastUsed.record(request.client)
    return { next: 'respond', response: await channel.respond(responseParameters) }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { next: 'respond', response: await channel.reject(error), error: error }
  }
}

/**
 * What a page must ask for a waiting request, or undefined where that is no longer what comes next. Changes nothing.
 */
export async function reevaluate(
  input: Omit<AuthorizeInput, 'cookiesWithheld' | 'origin' | 'pushed'>,
  step: 'select_account' | 'consent',
  options: AuthorizeOptions,
): Promise<{ request: AuthorizationRequest; session: ActiveSession } | undefined> {
  const channel = await openResponseChannel(input, options)
  try {
    const { request, decision } = await evaluate({ ...input, cookiesWithheld: false }, channel, options)
    return decision.next === step ? { request, session: decision.session } : undefined
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

/** The refusal of a person who does not want to go on; `sessionId` where they are signed in. */
export async function denyAuthorization(
  input: Pick<AuthorizeInput, 'parameters' | 'browserState'> & { pendingRequest: PendingRequest },
  sessionId: string | undefined,
  options: AuthorizeOptions,
): Promise<FrontChannelResponse> {
  const channel = await openResponseChannel(input, options)
  const { deviceAuthorizationId: id, organisationId } = input.pendingRequest
  if (id !== null) await options.deviceAuthorizations.deny({ id, organisationId }, sessionId, options.clock.now())
  return channel.reject(new OAuthError('access_denied', 'The person did not agree.'))
}

function openResponseChannel(
  { parameters, browserState, pendingRequest }: Pick<AuthorizeInput, 'parameters' | 'browserState' | 'pendingRequest'>,
  options: ResponseChannelOptions,
): Promise<ResponseChannel> {
  return pendingRequest && pendingRequest.deviceAuthorizationId !== null
    ? openDeviceChannel(parameters, options)
    : openBrowserChannel(parameters, browserState, options)
}

type Evaluation = {
  request: AuthorizationRequest
  decision: Exclude<Decision, { next: 'refuse' }> | { next: 'resume' }
}

async function evaluate(
  {
    parameters,
    sessionCookie,
    pendingRequest,
    cookiesWithheld,
  }: Omit<AuthorizeInput, 'origin' | 'browserState' | 'pushed'>,
  channel: ResponseChannel,
  options: AuthorizeOptions,
): Promise<Evaluation> {
  const deviceAuthorizationId = pendingRequest?.deviceAuthorizationId ?? undefined
  const request =
    deviceAuthorizationId === undefined
      ? await checkRequest(parameters, channel, options)
      : buildDeviceAuthorizationRequest(parameters, channel.client, deviceAuthorizationId)
  const sessionContext = await options.browserSessions.find(sessionCookie, request.client.id)
  if (!sessionContext && cookiesWithheld) return { request, decision: { next: 'resume' } }
  const decision = decide(request, sessionContext, pendingRequest, options.clock.now(), options.resolveSubject)
  if (decision.next === 'refuse') throw new OAuthError(decision.code, decision.description)
  return { request, decision }
}
