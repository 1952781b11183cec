import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createPendingRequestFinder, type PendingRequest, type PendingRequestOptions } from './pending-request.ts'
import type { ResolveCimdClient } from '../clients/registration/resolve-cimd-client.ts'
import { hashCookie, type Cookies } from '../http/request/cookies.ts'
import { readForm, readQuery } from '../http/request/forms.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import { pageContentSecurityPolicy, sendPage } from '../http/errors/page-error-handler.ts'
import { addSeconds } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import type { PendingAuthorizationRequestRepository } from '../model/authorization/pending-authorization-request.ts'
import type { PushedAuthorizationRequestRepository } from '../model/authorization/pushed-authorization-request.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parametersFromRecord, parametersToRecord, type Parameters } from '../oauth/parameters.ts'
import { toClientDisplay } from '../pages/theme/client-display.tsx'
import { deviceOutcomePage } from '../pages/device.tsx'
import { formPostPage, formPostScriptHash } from '../pages/form-post.tsx'
import { chooseLocale, preferredLanguages } from '../pages/messages/locale.ts'
import { styleHash } from '../pages/theme/style.ts'
import { authorize, resolveRequest, denyAuthorization, type AuthorizeOptions } from './authorize.ts'
import type { RequestSource } from './diagnostics/diagnose-request.ts'
import type { ResolvedRequest } from './request/pushed-request.ts'
import type { AuthorizationRequest } from './request/authorization-request.ts'
import type { FrontChannelResponse } from './channels/response-channel.ts'
import { recordFailureInBackground, type AuthorizationFailureOptions } from './diagnostics/record-failure.ts'

export interface AuthorizeRoutesOptions extends AuthorizeOptions, PendingRequestOptions, AuthorizationFailureOptions {
  cookies: Cookies
  /** Brings a client whose client_id is the address of its metadata. */
  resolveCimdClient: ResolveCimdClient
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'find' | 'create' | 'claim' | 'delete'>
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'find' | 'delete'>
}

/** Seconds that a request waits for its person. */
const PENDING_REQUEST_LIFETIME_SECONDS = 3600

const contentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash })
const formPostContentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash, script: formPostScriptHash })

/** Where a browser goes on with a waiting request; `answer=cancel` gives it up. */
export function resumeUrl(request: string, action?: 'cancel'): string {
  return `/oauth2/authorize/resume?${new URLSearchParams({ request, ...(action && { answer: action }) })}`
}

/** Where each thing is asked of the person. */
export const interactionUrls = {
  login: '/auth/login',
  select_account: '/auth/account',
  consent: '/oauth2/consent',
} as const

/** The authorization endpoint and the way back to it. */
export function authorizeRoutes(scope: FastifyInstance, options: AuthorizeRoutesOptions): void {
  const { clock, cookies, pendingAuthorizationRequests, pushedAuthorizationRequests } = options
  const findPendingRequest = createPendingRequestFinder(options)

  scope.get('/oauth2/authorize', (request, reply) => startAuthorization(request, reply, readQuery(request)))
  scope.post('/oauth2/authorize', (request, reply) => startAuthorization(request, reply, readForm(request)))

  scope.get('/oauth2/authorize/resume', async (request, reply) => {
    const query = readQuery(request)
    const claim = query.get('claim')
    if (claim !== undefined) {
      const id = query.get('request') ?? ''
      await pendingAuthorizationRequests.claim(
        id,
        hashCookie(claim),
        hashCookie(cookies.ensureBrowserId(request, reply)),
      )
      return redirect(request, reply, resumeUrl(id))
    }
    const pendingRequest = await findPendingRequest(query.get('request') ?? '', cookies.browserId(request))
    const parameters = parametersFromRecord(pendingRequest.parameters)
    if (query.get('answer') !== 'cancel') {
      const { pushedReferenceHash: referenceHash, organisationId } = pendingRequest
      const pushed = referenceHash === null ? undefined : { referenceHash, organisationId }
      return runAuthorization(request, reply, { parameters, pushed }, pendingRequest)
    }
    await pendingAuthorizationRequests.delete(
      pendingRequest,
      createAuditEvent(clock, 'oauth2.consent.denied', {
        organisationId: pendingRequest.organisationId,
        requestMetadata: requestMetadata(request),
        clientId: pendingRequest.client.id,
      }),
    )
    const browserState = cookies.browserState(request)
    return sendFrontChannelResponse(
      request,
      reply,
      await denyAuthorization({ parameters, browserState, pendingRequest }, undefined, options),
      parameters,
    )
  })

  async function startAuthorization(
    request: FastifyRequest,
    reply: FastifyReply,
    sentParameters: Parameters,
  ): Promise<FastifyReply> {
    const recordAndRethrow = createFailureRecorder(request)
    const resolved = await requireKnownClient(request, sentParameters)
      .then(() => resolveRequest(sentParameters, cookies.browserState(request), options))
      .catch(recordAndRethrow(sentParameters, 'browser'))
    if (resolved.next === 'go_on') {
      return runAuthorization(request, reply, resolved, undefined).catch(
        recordAndRethrow(resolved.parameters, 'collected'),
      )
    }
    logRejection(request, resolved.error)
    if (resolved.error) recordFailure(request, sentParameters, resolved.error, 'browser')
    return sendFrontChannelResponse(request, reply, resolved.response, sentParameters)
  }

  /** Throws `unknown_client`, which belongs on a page: of a client that is not known nothing is verified. */
  async function requireKnownClient(request: FastifyRequest, sentParameters: Parameters): Promise<void> {
    const clientId = sentParameters.duplicates.has('client_id') ? undefined : sentParameters.get('client_id')
    const cimdError =
      clientId === undefined ? undefined : await options.resolveCimdClient(clientId, request.ip, 'fresh')
    if (!cimdError) return
    const { description, reason } = cimdError
    throw new OAuthError('unknown_client', description, reason === undefined ? {} : { reason })
  }

  /** Keeps the reasons of a refusal for administrators; nobody waits for that. */
  function recordFailure(
    request: FastifyRequest,
    parameters: Parameters,
    error: OAuthError,
    source: RequestSource,
  ): void {
    recordFailureInBackground({ reference: request.id, parameters, error, source }, options, request.log)
  }

  const createFailureRecorder =
    (request: FastifyRequest) => (parameters: Parameters, source: RequestSource) => (error: unknown) => {
      if (error instanceof OAuthError) recordFailure(request, parameters, error, source)
      throw error
    }

  async function runAuthorization(
    request: FastifyRequest,
    reply: FastifyReply,
    { parameters, pushed }: ResolvedRequest,
    pendingRequest: PendingRequest | undefined,
  ): Promise<FastifyReply> {
    const sessionCookie = cookies.session(request)
    const cookiesWithheld = request.method === 'POST' && sessionCookie === undefined
    const origin = requestMetadata(request)
    const browserState = cookies.browserState(request)
    const input = { parameters, pushed, sessionCookie, browserState, pendingRequest, cookiesWithheld, origin }
    const result = await authorize(input, options)
    if (result.next === 'respond') {
      const { error } = result
      if (error) {
        logRejection(request, error)
        recordFailure(request, parameters, error, 'collected')
        if (pendingRequest) await pendingAuthorizationRequests.delete(pendingRequest)
        else if (pushed) await pushedAuthorizationRequests.delete(pushed)
      }
      return sendFrontChannelResponse(request, reply, result.response, parameters)
    }
    if (result.next === 'resume') {
      // The cookie of this browser was withheld too. One that is set now would take the place of the one it has, and with
      // it whatever else waits for it.
      const claim = randomToken()
      const id = await storePendingRequest(input, result.request, claim)
      return redirect(request, reply, `${resumeUrl(id)}&claim=${claim}`)
    }
    const id =
      pendingRequest?.id ?? (await storePendingRequest(input, result.request, cookies.ensureBrowserId(request, reply)))
    return redirect(request, reply, `${interactionUrls[result.next]}?request=${id}`)
  }

  async function storePendingRequest(
    { parameters, pushed }: ResolvedRequest,
    { client }: AuthorizationRequest,
    browserToken: string,
  ): Promise<string> {
    const id = randomToken()
    const now = clock.now()
    await pendingAuthorizationRequests.create({
      id,
      organisationId: client.organisationId,
      clientId: client.id,
      parameters: parametersToRecord(parameters),
      deviceAuthorizationId: null,
      pushedReferenceHash: pushed?.referenceHash ?? null,
      browserCookieHash: hashCookie(browserToken),
      createdAt: now,
      expiresAt: addSeconds(now, PENDING_REQUEST_LIFETIME_SECONDS),
    })
    return id
  }

  rejectOtherMethods(scope, '/oauth2/authorize', ['GET', 'POST'])
  rejectOtherMethods(scope, '/oauth2/authorize/resume', ['GET'])
}

function logRejection(request: FastifyRequest, error: OAuthError | undefined): void {
  if (!error) return
  request.log.info({ error: error.code, description: error.description, reason: error.reason }, 'request rejected')
}

/** Sends the browser back to the client. */
export function sendFrontChannelResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: FrontChannelResponse,
  parameters: Parameters,
): FastifyReply {
  if (response.kind === 'redirect') return redirect(request, reply, response.location)
  const locale = chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
  if (response.kind === 'device') {
    const client = toClientDisplay(response.client, preferredLanguages(undefined, request.headers['accept-language']))
    return sendPage(reply, deviceOutcomePage({ locale, outcome: response.outcome, client }), contentSecurityPolicy)
  }
  return sendPage(reply, formPostPage({ locale, ...response }), formPostContentSecurityPolicy)
}

/** 303 after a POST, so that what was posted to us is never posted on (RFC 9700 §4.12). */
function redirect(request: FastifyRequest, reply: FastifyReply, location: string): FastifyReply {
  return reply.redirect(location, request.method === 'POST' ? 303 : 302)
}
