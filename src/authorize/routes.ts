import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { waitingRequests, type Waiting, type WaitingRequestOptions } from '../accounts/waiting-request.ts'
import type { AdmitClient } from '../clients/document-clients.ts'
import { hashCookie, type Cookies } from '../http/cookies.ts'
import { readForm, readQuery } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { pagePolicy, sendPage } from '../http/page-dialect.ts'
import { addSeconds } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import { securityEvent } from '../events/catalogue.ts'
import type { AuthorizationRequestRepository } from '../model/authorization-request.ts'
import type { PushedAuthorizationRequestRepository } from '../model/pushed-authorization-request.ts'
import { OAuthError } from '../oauth/errors.ts'
import { restoreParameters, storeParameters, type Parameters } from '../oauth/params.ts'
import { displayOf } from '../pages/client-display.tsx'
import { deviceOutcomePage } from '../pages/device.tsx'
import { formPostPage, formPostScriptHash } from '../pages/form-post.tsx'
import { chooseLocale, languagesOf } from '../pages/locale.ts'
import { styleHash } from '../pages/style.ts'
import { authorize, collectParameters, refuseByPerson, type AuthorizeOptions } from './authorize.ts'
import type { BroughtBy } from './explain.ts'
import type { Collected } from './pushed-request.ts'
import type { AuthorizationRequest } from './request.ts'
import type { FrontChannelResponse } from './response-channel.ts'
import { traceLater, type TraceOptions } from './trace.ts'

export interface AuthorizeRoutesOptions extends AuthorizeOptions, WaitingRequestOptions, TraceOptions {
  cookies: Cookies
  /** Brings a client whose client_id is the address of its metadata. */
  admit: AdmitClient
  authorizationRequests: Pick<AuthorizationRequestRepository, 'find' | 'keep' | 'claim' | 'discard'>
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'find' | 'discard'>
}

/** Seconds that a request waits for its person. */
const PATIENCE = 3600

const policy = pagePolicy({ style: styleHash })
const formPostPolicy = pagePolicy({ style: styleHash, script: formPostScriptHash })

/** Where a browser goes on with a waiting request; `answer=cancel` gives it up. */
export function resumeUrl(request: string, answer?: 'cancel'): string {
  return `/oauth2/authorize/resume?${new URLSearchParams({ request, ...(answer && { answer }) })}`
}

/** Where each thing is asked of the person. */
export const stepUrls = {
  login: '/auth/login',
  select_account: '/auth/account',
  consent: '/oauth2/consent',
} as const

/** The authorization endpoint and the way back to it. */
export function authorizeRoutes(scope: FastifyInstance, options: AuthorizeRoutesOptions): void {
  const { clock, cookies, authorizationRequests, pushedAuthorizationRequests } = options
  const findWaiting = waitingRequests(options)

  scope.get('/oauth2/authorize', (request, reply) => begin(request, reply, readQuery(request)))
  scope.post('/oauth2/authorize', (request, reply) => begin(request, reply, readForm(request)))

  scope.get('/oauth2/authorize/resume', async (request, reply) => {
    const query = readQuery(request)
    const claim = query.get('claim')
    if (claim !== undefined) {
      const id = query.get('request') ?? ''
      await authorizationRequests.claim(id, hashCookie(claim), hashCookie(cookies.ensureBrowser(request, reply)))
      return redirect(request, reply, resumeUrl(id))
    }
    const waiting = await findWaiting(query.get('request') ?? '', cookies.browser(request))
    const parameters = restoreParameters(waiting.parameters)
    if (query.get('answer') !== 'cancel') {
      const { pushedReferenceHash: referenceHash, organisationId } = waiting
      const pushed = referenceHash === null ? undefined : { referenceHash, organisationId }
      return visit(request, reply, { parameters, pushed }, waiting)
    }
    await authorizationRequests.discard(
      waiting,
      securityEvent(clock, 'oauth2.consent.denied', {
        organisationId: waiting.organisationId,
        origin: originOf(request),
        clientId: waiting.client.id,
      }),
    )
    const browserState = cookies.browserState(request)
    return send(
      request,
      reply,
      await refuseByPerson({ parameters, browserState, waiting }, undefined, options),
      parameters,
    )
  })

  async function begin(request: FastifyRequest, reply: FastifyReply, sent: Parameters): Promise<FastifyReply> {
    const trace = tracing(request)
    const source = await admitted(request, sent)
      .then(() => collectParameters(sent, cookies.browserState(request), options))
      .catch(trace(sent, 'browser'))
    if (source.next === 'go_on') {
      return visit(request, reply, source, undefined).catch(trace(source.parameters, 'collected'))
    }
    logRefusal(request, source.refusal)
    if (source.refusal) explain(request, sent, source.refusal, 'browser')
    return send(request, reply, source.response, sent)
  }

  /** Throws `unknown_client`, which belongs on a page: of a client that is not known nothing is verified. */
  async function admitted(request: FastifyRequest, sent: Parameters): Promise<void> {
    const clientId = sent.repeated.has('client_id') ? undefined : sent.get('client_id')
    const refused = clientId === undefined ? undefined : await options.admit(clientId, request.ip, 'fresh')
    if (!refused) return
    const { description, reason } = refused
    throw new OAuthError('unknown_client', description, reason === undefined ? {} : { reason })
  }

  /** Keeps the reasons of a refusal for administrators; nobody waits for that. */
  function explain(request: FastifyRequest, parameters: Parameters, refusal: OAuthError, broughtBy: BroughtBy): void {
    traceLater({ reference: request.id, parameters, refusal, broughtBy }, options, request.log)
  }

  const tracing = (request: FastifyRequest) => (parameters: Parameters, broughtBy: BroughtBy) => (error: unknown) => {
    if (error instanceof OAuthError) explain(request, parameters, error, broughtBy)
    throw error
  }

  async function visit(
    request: FastifyRequest,
    reply: FastifyReply,
    { parameters, pushed }: Collected,
    waiting: Waiting | undefined,
  ): Promise<FastifyReply> {
    const sessionCookie = cookies.session(request)
    const cookiesWithheld = request.method === 'POST' && sessionCookie === undefined
    const origin = originOf(request)
    const browserState = cookies.browserState(request)
    const from = { parameters, pushed, sessionCookie, browserState, waiting, cookiesWithheld, origin }
    const result = await authorize(from, options)
    if (result.next === 'respond') {
      const { refusal } = result
      if (refusal) {
        logRefusal(request, refusal)
        explain(request, parameters, refusal, 'collected')
        if (waiting) await authorizationRequests.discard(waiting)
        else if (pushed) await pushedAuthorizationRequests.discard(pushed)
      }
      return send(request, reply, result.response, parameters)
    }
    if (result.next === 'resume') {
      // The cookie of this browser was withheld too. One that is set now would take the place of the one it has, and with
      // it whatever else waits for it.
      const claim = randomToken()
      const id = await keep(from, result.request, claim)
      return redirect(request, reply, `${resumeUrl(id)}&claim=${claim}`)
    }
    const id = waiting?.id ?? (await keep(from, result.request, cookies.ensureBrowser(request, reply)))
    return redirect(request, reply, `${stepUrls[result.next]}?request=${id}`)
  }

  async function keep(
    { parameters, pushed }: Collected,
    { client }: AuthorizationRequest,
    holder: string,
  ): Promise<string> {
    const id = randomToken()
    const now = clock.now()
    await authorizationRequests.keep({
      id,
      organisationId: client.organisationId,
      clientId: client.id,
      parameters: storeParameters(parameters),
      deviceAuthorizationId: null,
      pushedReferenceHash: pushed?.referenceHash ?? null,
      browserHash: hashCookie(holder),
      createdAt: now,
      expiresAt: addSeconds(now, PATIENCE),
    })
    return id
  }

  refuseOtherMethods(scope, '/oauth2/authorize', ['GET', 'POST'])
  refuseOtherMethods(scope, '/oauth2/authorize/resume', ['GET'])
}

function logRefusal(request: FastifyRequest, refusal: OAuthError | undefined): void {
  if (!refusal) return
  request.log.info({ error: refusal.code, description: refusal.description, reason: refusal.reason }, 'refused')
}

/** Sends the browser back to the client. */
export function send(
  request: FastifyRequest,
  reply: FastifyReply,
  response: FrontChannelResponse,
  parameters: Parameters,
): FastifyReply {
  if (response.kind === 'redirect') return redirect(request, reply, response.location)
  const locale = chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
  if (response.kind === 'device') {
    const client = displayOf(response.client, languagesOf(undefined, request.headers['accept-language']))
    return sendPage(reply, deviceOutcomePage({ locale, outcome: response.outcome, client }), policy)
  }
  return sendPage(reply, formPostPage({ locale, ...response }), formPostPolicy)
}

/** 303 after a POST, so that what was posted to us is never posted on (RFC 9700 §4.12). */
function redirect(request: FastifyRequest, reply: FastifyReply, location: string): FastifyReply {
  return reply.redirect(location, request.method === 'POST' ? 303 : 302)
}
