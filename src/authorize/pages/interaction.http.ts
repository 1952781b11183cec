// `authorize/pages` owns the routes of the consent page and the account selection page.
// A submitted page records the user's answer and sends the browser back to the authorization endpoint.
// The HTML belongs to `pages`.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import { createAuditEvent } from '../../audit/catalogue.ts'
import type { PendingAuthorizationRequestRepository } from '../../model/authorization/pending-authorization-request.ts'
import type { DeviceAuthorizationRepository } from '../../model/authorization/device-authorization.ts'
import type { ActiveSession } from '../../model/sessions/session.ts'
import { displayName } from '../../model/users/user.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { parametersFromRecord, type Parameters } from '../../oauth/parameters.ts'
import { recipientOf } from '../../oauth/redirect-uri.ts'
import { toClientDisplay, type ClientDisplay } from '../../pages/theme/client-display.tsx'
import { consentPage, type ConsentProps } from '../../pages/consent.tsx'
import { chooseLocale, preferredLanguages } from '../../pages/messages/locale.ts'
import { selectAccountPage } from '../../pages/select-account.tsx'
import { styleHash } from '../../pages/theme/style.ts'
import { reevaluate, denyAuthorization } from '../authorize.ts'
import { sendFrontChannelResponse } from '../channels/send-response.http.ts'
import { requestedRights } from './requested-rights.ts'
import type { AuthorizeRoutesOptions } from '../http.ts'
import { interactionUrls, resumeUrl } from '../interaction-urls.ts'
import type { AuthorizationRequest } from '../request/authorization-request.ts'
import { createPendingRequestFinder, type PendingRequest } from '../request/pending-request.ts'

export interface InteractionRoutesOptions extends AuthorizeRoutesOptions {
  csrfTokens: CsrfTokens
  pendingAuthorizationRequests: PendingAuthorizationRequestRepository
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'bindToSession' | 'approve' | 'deny' | 'find'>
}

const pagePolicy = ({ client }: { client: ClientDisplay }) =>
  pageContentSecurityPolicy({ style: styleHash, images: client.logoUri !== undefined })

/** A step that is the next one of a pending request, with the session of the user. */
interface Interaction {
  pendingRequest: PendingRequest
  parameters: Parameters
  request: AuthorizationRequest
  session: ActiveSession
}

/** The account selection page and the consent page. Both lead back to the authorization endpoint. */
export function interactionRoutes(scope: FastifyInstance, options: InteractionRoutesOptions): void {
  const { clock, cookies, csrfTokens, pendingAuthorizationRequests, deviceAuthorizations } = options
  const findPendingRequest = createPendingRequestFinder(options)

  /** Finds the pending request, with `request` and `session` only if `step` is its next step. */
  async function findInteraction(
    request: FastifyRequest,
    id: string | undefined,
    step: 'select_account' | 'consent',
  ): Promise<Interaction | { pendingRequest: PendingRequest; request: undefined }> {
    const pendingRequest = await findPendingRequest(id ?? '', request)
    const parameters = parametersFromRecord(pendingRequest.parameters)
    const input = {
      parameters,
      hintedSubject: pendingRequest.hintedSubject ?? undefined,
      client: pendingRequest.client,
      pendingRequest,
      sessionCookie: cookies.session(request),
      browserState: cookies.browserState(request),
    }
    const evaluated = await reevaluate(input, step, options)
    return evaluated ? { pendingRequest, parameters, ...evaluated } : { pendingRequest, request: undefined }
  }

  // The token is bound to the session too, so that a user can only answer a page that was shown to them.
  const csrfPurpose = (url: string, { pendingRequest, session }: Interaction) =>
    `${url} ${pendingRequest.id} ${session.id}`

  function requireValidForm(request: FastifyRequest, form: Parameters, url: string, step: Interaction): void {
    if (isOwnForm(options, csrfPurpose(url, step), request, form)) return
    throw new OAuthError(
      'invalid_request',
      'This form was not sent from a page of this server, or the page has expired. Go back and try again.',
      { status: 403 },
    )
  }

  const commonPageProps = (request: FastifyRequest, url: string, step: Interaction) => ({
    locale: chooseLocale(step.request.uiLocales, request.headers['accept-language']),
    action: url,
    csrf: csrfTokens.create(cookies.browserId(request) ?? '', csrfPurpose(url, step)),
    request: step.pendingRequest.id,
    client: toClientDisplay(
      step.request.client,
      preferredLanguages(step.request.uiLocales, request.headers['accept-language']),
    ),
    account: { name: displayName(step.session.user), email: step.session.user.email },
  })

  scope.get(interactionUrls.select_account, async (request, reply) => {
    const step = await findInteraction(request, readQuery(request).get('request'), 'select_account')
    if (!step.request) return reply.redirect(resumeUrl(step.pendingRequest.id))
    const props = commonPageProps(request, interactionUrls.select_account, step)
    return sendPage(reply, selectAccountPage(props), pagePolicy(props))
  })

  scope.post(interactionUrls.select_account, async (request, reply) => {
    const form = readForm(request)
    const step = await findInteraction(request, form.get('request'), 'select_account')
    if (!step.request) return reply.redirect(resumeUrl(step.pendingRequest.id), 303)
    requireValidForm(request, form, interactionUrls.select_account, step)
    if (form.get('action') !== 'continue')
      return reply.redirect(`${interactionUrls.login}?request=${step.pendingRequest.id}&account=another`, 303)
    await pendingAuthorizationRequests.selectSession(step.pendingRequest, step.session.id)
    return reply.redirect(resumeUrl(step.pendingRequest.id), 303)
  })

  scope.get(interactionUrls.consent, async (request, reply) => {
    const step = await findInteraction(request, readQuery(request).get('request'), 'consent')
    if (!step.request) return reply.redirect(resumeUrl(step.pendingRequest.id))
    const props = commonPageProps(request, interactionUrls.consent, step)
    const html = consentPage({
      ...props,
      organisation: step.session.organisation.name,
      ...requestedRights(step.request, preferredLanguages(step.request.uiLocales, request.headers['accept-language'])),
      destination: await findDestination(step.request),
    })
    return sendPage(reply, html, pagePolicy(props))
  })

  scope.post(interactionUrls.consent, async (request, reply) => {
    const form = readForm(request)
    const step = await findInteraction(request, form.get('request'), 'consent')
    if (!step.request) return reply.redirect(resumeUrl(step.pendingRequest.id), 303)
    requireValidForm(request, form, interactionUrls.consent, step)
    const { client, consentScopes: scopes } = step.request
    const isAllowed = form.get('action') === 'allow'
    const event = createAuditEvent(clock, isAllowed ? 'oauth2.consent.granted' : 'oauth2.consent.denied', {
      organisationId: client.organisationId,
      requestMetadata: requestMetadata(request),
      userId: step.session.userId,
      clientId: client.id,
      metadata: { scopes },
    })
    const pendingRequest = { id: step.pendingRequest.id, organisationId: client.organisationId, clientId: client.id }
    if (isAllowed) {
      await pendingAuthorizationRequests.recordConsent(
        pendingRequest,
        { userId: step.session.userId, scopes, now: clock.now() },
        event,
      )
      return reply.redirect(resumeUrl(step.pendingRequest.id), 303)
    }
    await pendingAuthorizationRequests.delete(step.pendingRequest, event)
    cookies.addCompletedRequest(request, reply, step.pendingRequest.id)
    return sendFrontChannelResponse(
      request,
      reply,
      await denyAuthorization(
        {
          parameters: step.parameters,
          client,
          browserState: cookies.browserState(request),
          pendingRequest: step.pendingRequest,
        },
        step.session.id,
        options,
      ),
      step.parameters,
    )
  })

  /** The recipient that the consent page names: the device's IP address, or the host or scheme of the redirect URI. */
  async function findDestination(request: AuthorizationRequest): Promise<ConsentProps['destination']> {
    if (request.channel === 'browser') return recipientOf(request.redirectUri)
    const { deviceAuthorizationId: id, client } = request
    const device = await deviceAuthorizations.find({ id, organisationId: client.organisationId })
    if (device) return { device: device.ipAddress }
    throw new OAuthError('invalid_request', 'The code has expired. Start again on the device.', { status: 410 })
  }

  rejectOtherMethods(scope, interactionUrls.select_account, ['GET', 'POST'])
  rejectOtherMethods(scope, interactionUrls.consent, ['GET', 'POST'])
}
