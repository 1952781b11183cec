import type { BrowserSessions } from '../accounts/browser-session.ts'
import type { ClientUses } from '../clients/last-use.ts'
import type { Subjects } from '../clients/subject.ts'
import type { Waiting } from '../accounts/waiting-request.ts'
import type { EventOrigin } from '../model/security-event.ts'
import type { LiveSession } from '../model/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { answer, type AnswerOptions } from './answer.ts'
import { checkRequest } from './checks/index.ts'
import type { HintOptions } from './checks/hint.ts'
import { decide, type Decision } from './decide.ts'
import { approveDevice, claimDevice, deviceRequest, openDeviceChannel, type DeviceOptions } from './device.ts'
import type { AuthorizationRequest } from './request.ts'
import {
  findPushedRequest,
  namesPushedRequest,
  refuseUnpushed,
  type Collected,
  type PushedRequestOptions,
} from './pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestSourceOptions } from './request-source.ts'
import {
  findClient,
  openChannel,
  type ChannelOptions,
  type FrontChannelResponse,
  type ResponseChannel,
} from './response-channel.ts'

export interface AuthorizeOptions
  extends ChannelOptions, HintOptions, AnswerOptions, RequestSourceOptions, PushedRequestOptions, DeviceOptions {
  subjects: Subjects
  uses: Pick<ClientUses, 'note'>
  browserSessions: BrowserSessions
}

/** Either an answer to the client, or what the person must be asked first. */
export type AuthorizeResult =
  | { next: 'respond'; response: FrontChannelResponse; refusal?: OAuthError }
  | { next: 'login' | 'resume'; request: AuthorizationRequest }
  | { next: 'select_account' | 'consent'; request: AuthorizationRequest; session: LiveSession }

export interface AuthorizeVisit extends Collected {
  sessionCookie: string | undefined
  browserState: string
  /** The kept request that this visit goes on with. */
  waiting: Waiting | undefined
  /** A form posted by another site carries no cookies: who is signed in shows only after coming back by GET. */
  cookiesWithheld: boolean
  origin: EventOrigin
}

/**
 * The parameters of a request, wherever its client has put them. What is wrong with a request object goes back to the
 * client, where the way is known without it; otherwise, and of a pushed request, it is thrown, and belongs on a page.
 */
export async function collectParameters(
  parameters: Parameters,
  browserState: string,
  options: ChannelOptions & RequestSourceOptions & PushedRequestOptions,
): Promise<({ next: 'go_on' } & Collected) | Extract<AuthorizeResult, { next: 'respond' }>> {
  const client = await findClient(parameters, options)
  if (namesPushedRequest(parameters)) {
    return { next: 'go_on', ...(await findPushedRequest(parameters, client, options)) }
  }
  try {
    refuseUnpushed(client)
    const elsewhere = hasRequestObject(parameters) || client.requireSignedRequestObject
    const found = elsewhere ? await readRequestObject(parameters, client, options) : parameters
    return { next: 'go_on', parameters: found, pushed: undefined }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const channel = await openChannel(parameters, browserState, options).catch((failure: unknown) => {
      if (failure instanceof OAuthError) throw error
      throw failure
    })
    return { next: 'respond', response: await channel.refuse(error), refusal: error }
  }
}

/**
 * One visit to the authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2). Throws what belongs on a page;
 * what belongs to the client is in the result.
 */
export async function authorize(visit: AuthorizeVisit, options: AuthorizeOptions): Promise<AuthorizeResult> {
  const channel = await open(visit, options)
  try {
    const { request, decision } = await consider(visit, channel, options)
    if (decision.next === 'consent') await claimDevice(request, decision.session, options)
    if (decision.next !== 'issue') return { ...decision, request }
    const from = { waitingId: visit.waiting?.id, pushed: visit.pushed, origin: visit.origin }
    const answered =
      request.deviceAuthorizationId === undefined
        ? await answer(request, decision.session, from, options)
        : await approveDevice(request, decision.session, visit.waiting, options)
    options.uses.note(request.client)
    return { next: 'respond', response: await channel.respond(answered) }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { next: 'respond', response: await channel.refuse(error), refusal: error }
  }
}

/**
 * What a page must ask for a waiting request, or undefined where that is no longer what comes next. Changes nothing.
 */
export async function considerWaiting(
  visit: Omit<AuthorizeVisit, 'cookiesWithheld' | 'origin' | 'pushed'>,
  step: 'select_account' | 'consent',
  options: AuthorizeOptions,
): Promise<{ request: AuthorizationRequest; session: LiveSession } | undefined> {
  const channel = await open(visit, options)
  try {
    const { request, decision } = await consider({ ...visit, cookiesWithheld: false }, channel, options)
    return decision.next === step ? { request, session: decision.session } : undefined
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

/** The refusal of a person who does not want to go on; `sessionId` where they are signed in. */
export async function refuseByPerson(
  visit: Pick<AuthorizeVisit, 'parameters' | 'browserState'> & { waiting: Waiting },
  sessionId: string | undefined,
  options: AuthorizeOptions,
): Promise<FrontChannelResponse> {
  const channel = await open(visit, options)
  const { deviceAuthorizationId: id, organisationId } = visit.waiting
  if (id !== null) await options.deviceAuthorizations.deny({ id, organisationId }, sessionId, options.clock.now())
  return channel.refuse(new OAuthError('access_denied', 'The person did not agree.'))
}

function open(
  { parameters, browserState, waiting }: Pick<AuthorizeVisit, 'parameters' | 'browserState' | 'waiting'>,
  options: ChannelOptions,
): Promise<ResponseChannel> {
  return waiting && waiting.deviceAuthorizationId !== null
    ? openDeviceChannel(parameters, options)
    : openChannel(parameters, browserState, options)
}

type Considered = {
  request: AuthorizationRequest
  decision: Exclude<Decision, { next: 'refuse' }> | { next: 'resume' }
}

async function consider(
  { parameters, sessionCookie, waiting, cookiesWithheld }: Omit<AuthorizeVisit, 'origin' | 'browserState' | 'pushed'>,
  channel: ResponseChannel,
  options: AuthorizeOptions,
): Promise<Considered> {
  const deviceAuthorizationId = waiting?.deviceAuthorizationId ?? undefined
  const request =
    deviceAuthorizationId === undefined
      ? await checkRequest(parameters, channel, options)
      : deviceRequest(parameters, channel.client, deviceAuthorizationId)
  const browser = await options.browserSessions.find(sessionCookie, request.client.id)
  if (!browser && cookiesWithheld) return { request, decision: { next: 'resume' } }
  const decision = decide(request, browser, waiting, options.clock.now(), options.subjects)
  if (decision.next === 'refuse') throw new OAuthError(decision.code, decision.description)
  return { request, decision }
}
