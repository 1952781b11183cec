import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ResolveCimdClient } from '../clients/registration/resolve-cimd-client.ts'
import { hashCookie, type Cookies } from '../http/request/cookies.ts'
import { readForm, readQuery } from '../http/request/forms.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { addEffectfulGet } from '../http/server/effectful-get.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import { randomToken } from '../lib/crypto/random.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import type { PendingAuthorizationRequestRepository } from '../model/authorization/pending-authorization-request.ts'
import type { PushedAuthorizationRequestRepository } from '../model/authorization/pushed-authorization-request.ts'
import { isAnonymousClient, type RegisteredClient } from '../model/clients/client-cache.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parametersFromRecord, type Parameters } from '../oauth/parameters.ts'
import { authorize, resolveRequest, denyAuthorization, nextSignInStep, type AuthorizeOptions } from './authorize.ts'
import type { FrontChannelResponse } from './channels/response-channel.ts'
import type { ClientLookupOptions } from './channels/response-target.ts'
import { redirectBrowser, sendErrorBeforeRedirect, sendFrontChannelResponse } from './channels/send-response.http.ts'
import type { RequestSource } from './diagnostics/diagnose-request.ts'
import {
  recordFailureInBackground,
  userDecisionErrors,
  type AuthorizationFailureOptions,
} from './diagnostics/record-failure.ts'
import { interactionUrls, resumeUrl } from './interaction-urls.ts'
import {
  createPendingRequestFinder,
  storePendingRequest,
  type PendingRequest,
  type PendingRequestOptions,
} from './request/pending-request.ts'
import type { ResolvedRequest } from './request/pushed-request.ts'

export interface AuthorizeRoutesOptions
  extends AuthorizeOptions, ClientLookupOptions, PendingRequestOptions, AuthorizationFailureOptions {
  cookies: Cookies
  /** Loads a client whose client_id is the URL of its metadata document. */
  resolveCimdClient: ResolveCimdClient
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'find' | 'create' | 'claim' | 'delete'>
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'find' | 'delete'>
}

/** The authorization endpoint, and the URL at which a browser continues with a pending request. */
export function authorizeRoutes(scope: FastifyInstance, options: AuthorizeRoutesOptions): void {
  const { clock, cookies, pendingAuthorizationRequests, pushedAuthorizationRequests } = options
  const findPendingRequest = createPendingRequestFinder(options)

  addEffectfulGet(scope, '/oauth2/authorize', (request, reply) =>
    startAuthorization(request, reply, readQuery(request)),
  )
  scope.post('/oauth2/authorize', (request, reply) => startAuthorization(request, reply, readForm(request)))

  addEffectfulGet(scope, '/oauth2/authorize/resume', async (request, reply) => {
    const query = readQuery(request)
    const id = query.get('request') ?? ''
    const claim = query.get('claim')
    if (claim !== undefined) {
      const browserCookieHash = hashCookie(cookies.ensureBrowserId(request, reply))
      await pendingAuthorizationRequests.claim(id, hashCookie(claim), browserCookieHash)
      return redirectBrowser(request, reply, resumeUrl(id))
    }
    const pendingRequest = await findPendingRequest(id, request)
    return query.get('answer') === 'cancel'
      ? cancelAuthorization(request, reply, pendingRequest)
      : runAuthorization(request, reply, resolvedFrom(pendingRequest), pendingRequest)
  })

  async function startAuthorization(
    request: FastifyRequest,
    reply: FastifyReply,
    sentParameters: Parameters,
  ): Promise<FastifyReply> {
    const recordAndRethrow = (parameters: Parameters, source: RequestSource) => (error: unknown) => {
      if (error instanceof OAuthError) recordFailure(request, parameters, error, source)
      throw error
    }
    const resolved = await requireKnownClient(request, sentParameters)
      .then(() => resolveRequest(sentParameters, cookies.browserState(request), options))
      .catch(recordAndRethrow(sentParameters, 'browser'))
    if (resolved.next === 'continue') {
      return runAuthorization(request, reply, resolved, undefined).catch(
        recordAndRethrow(resolved.parameters, 'resolved'),
      )
    }
    logRejection(request, resolved.error)
    recordFailure(request, sentParameters, resolved.error, 'browser')
    return sendRejection(request, reply, resolved, sentParameters)
  }

  /** Throws `unknown_client`, which is shown on a page: nothing is verified for an unknown client. */
  async function requireKnownClient(request: FastifyRequest, sentParameters: Parameters): Promise<void> {
    const clientId = sentParameters.duplicates.has('client_id') ? undefined : sentParameters.get('client_id')
    const cimdError =
      clientId === undefined ? undefined : await options.resolveCimdClient(clientId, request.clientAddress, 'fresh')
    if (!cimdError) return
    const { description, reason } = cimdError
    throw new OAuthError('unknown_client', description, reason === undefined ? {} : { reason })
  }

  async function runAuthorization(
    request: FastifyRequest,
    reply: FastifyReply,
    resolved: ResolvedRequest,
    pendingRequest: PendingRequest | undefined,
  ): Promise<FastifyReply> {
    const { parameters, client, pushed, hintedSubject } = resolved
    const sessionCookie = cookies.session(request)
    const input = {
      parameters,
      client,
      pushed,
      hintedSubject,
      sessionCookie,
      browserState: cookies.browserState(request),
      pendingRequest,
      cookiesWithheld: request.method === 'POST' && sessionCookie === undefined,
      requestMetadata: requestMetadata(request),
    }
    const result = await authorize(input, options)
    if (result.next === 'respond') {
      if (result.error) {
        logRejection(request, result.error)
        recordFailure(request, parameters, result.error, 'resolved')
        if (pendingRequest) await pendingAuthorizationRequests.delete(pendingRequest)
        else if (pushed) await pushedAuthorizationRequests.delete(pushed)
      }
      if (pendingRequest) cookies.addCompletedRequest(request, reply, pendingRequest.id)
      const { response, error } = result
      return error
        ? sendRejection(request, reply, { client, error, response }, parameters)
        : sendFrontChannelResponse(request, reply, response, parameters)
    }
    if (result.next === 'resume') {
      // The browser withheld its browser id too. Setting a new one would replace the one it has, and the browser would
      // lose its other pending requests. So the request is bound to a claim in the URL instead.
      const claim = randomToken()
      const id = await storePendingRequest({ ...resolved, hintedSubject: result.hintedSubject }, claim, options)
      return redirectBrowser(request, reply, `${resumeUrl(id)}&claim=${claim}`)
    }
    const checked = { ...resolved, hintedSubject: result.hintedSubject }
    const id =
      pendingRequest?.id ?? (await storePendingRequest(checked, cookies.ensureBrowserId(request, reply), options))
    return redirectBrowser(request, reply, `${interactionUrls[result.next]}?request=${id}`)
  }

  /**
   * Sends an error to the client. An anonymous client could use its redirect URI to send users elsewhere in the name of this
   * server: before a user has signed in, they see the error first, and choose to continue (RFC 9700 §4.11.2). Answers to
   * `prompt=none` are sent at once.
   */
  async function sendRejection(
    request: FastifyRequest,
    reply: FastifyReply,
    { client, error, response }: { client: RegisteredClient; error: OAuthError; response: FrontChannelResponse },
    parameters: Parameters,
  ): Promise<FastifyReply> {
    const mayRedirect =
      response.kind === 'device' ||
      !isAnonymousClient(client) ||
      userDecisionErrors.has(error.code) ||
      (await options.browserSessions.find(cookies.session(request))) !== undefined
    return mayRedirect
      ? sendFrontChannelResponse(request, reply, response, parameters)
      : sendErrorBeforeRedirect(request, reply, { error, destination: response }, parameters)
  }

  async function cancelAuthorization(
    request: FastifyRequest,
    reply: FastifyReply,
    pendingRequest: PendingRequest,
  ): Promise<FastifyReply> {
    const { client, organisationId } = pendingRequest
    const parameters = parametersFromRecord(pendingRequest.parameters)
    await pendingAuthorizationRequests.delete(
      pendingRequest,
      createAuditEvent(clock, 'oauth2.consent.denied', {
        organisationId,
        requestMetadata: requestMetadata(request),
        clientId: client.id,
      }),
    )
    cookies.addCompletedRequest(request, reply, pendingRequest.id)
    const input = { parameters, client, browserState: cookies.browserState(request), pendingRequest }
    return sendFrontChannelResponse(request, reply, await denyAuthorization(input, undefined, options), parameters)
  }

  /** Records for administrators why a request failed, without delaying the response. */
  function recordFailure(
    request: FastifyRequest,
    parameters: Parameters,
    error: OAuthError,
    source: RequestSource,
  ): void {
    recordFailureInBackground({ reference: request.id, parameters, error, source }, options, request.log)
  }

  rejectOtherMethods(scope, '/oauth2/authorize', ['GET', 'POST'])
  rejectOtherMethods(scope, '/oauth2/authorize/resume', ['GET'])
}

/** Makes the function that returns the next step of a pending request of this browser, if it is a page of signing in. */
export function createSignInCheck(options: AuthorizeOptions & { cookies: Cookies }) {
  const { cookies } = options
  return (pendingRequest: PendingRequest, request: FastifyRequest): ReturnType<typeof nextSignInStep> =>
    nextSignInStep(
      pendingRequest,
      { sessionCookie: cookies.session(request), browserState: cookies.browserState(request) },
      options,
    )
}

function resolvedFrom(pendingRequest: PendingRequest): ResolvedRequest {
  const { client, organisationId } = pendingRequest
  const referenceHash = pendingRequest.channel === 'browser' ? pendingRequest.pushedReferenceHash : null
  return {
    parameters: parametersFromRecord(pendingRequest.parameters),
    client,
    pushed: referenceHash === null ? undefined : { referenceHash, organisationId },
    hintedSubject: pendingRequest.hintedSubject ?? undefined,
  }
}

function logRejection(request: FastifyRequest, error: OAuthError): void {
  request.log.info({ error: error.code, description: error.description, reason: error.reason }, 'request rejected')
}
