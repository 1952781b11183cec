import type { FastifyInstance, FastifyRequest } from 'fastify'
import { waitingRequests, type Waiting } from '../accounts/waiting-request.ts'
import { isSameOrigin, type FormTokens } from '../http/cross-site.ts'
import { readForm, readQuery } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { pagePolicy, sendPage } from '../http/page-dialect.ts'
import { securityEvent } from '../events/catalogue.ts'
import type { AuthorizationRequestRepository } from '../model/authorization-request.ts'
import type { DeviceAuthorizationRepository } from '../model/device-authorization.ts'
import type { LiveSession } from '../model/session.ts'
import { displayName } from '../model/user.ts'
import { OAuthError } from '../oauth/errors.ts'
import { restoreParameters, type Parameters } from '../oauth/params.ts'
import { displayOf } from '../pages/client-display.tsx'
import { consentPage } from '../pages/consent.tsx'
import { chooseLocale, languagesOf } from '../pages/locale.ts'
import { selectAccountPage } from '../pages/select-account.tsx'
import { styleHash } from '../pages/style.ts'
import { considerWaiting, refuseByPerson } from './authorize.ts'
import type { AuthorizationRequest } from './request.ts'
import { resumeUrl, send, stepUrls, type AuthorizeRoutesOptions } from './routes.ts'

export interface AuthorizePagesOptions extends AuthorizeRoutesOptions {
  formTokens: FormTokens
  authorizationRequests: AuthorizationRequestRepository
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'claim' | 'approve' | 'deny' | 'find'>
}

const policy = pagePolicy({ style: styleHash })

/** A step that is really what comes next for a waiting request, with who is asked. */
interface Step {
  waiting: Waiting
  parameters: Parameters
  request: AuthorizationRequest
  session: LiveSession
}

/** The pages that ask a signed-in person: go on as yourself? do you agree? Both lead back to `authorize`. */
export function authorizePages(scope: FastifyInstance, options: AuthorizePagesOptions): void {
  const { issuer, clock, cookies, formTokens, authorizationRequests, deviceAuthorizations } = options
  const findWaiting = waitingRequests(options)

  /** The step, or the waiting request alone where something else comes next. */
  async function findStep(
    request: FastifyRequest,
    id: string | undefined,
    step: 'select_account' | 'consent',
  ): Promise<Step | { waiting: Waiting; request: undefined }> {
    const waiting = await findWaiting(id ?? '', cookies.browser(request))
    const parameters = restoreParameters(waiting.parameters)
    const visit = {
      parameters,
      waiting,
      sessionCookie: cookies.session(request),
      browserState: cookies.browserState(request),
    }
    const found = await considerWaiting(visit, step, options)
    return found ? { waiting, parameters, ...found } : { waiting, request: undefined }
  }

  // Bound to the session too: what one person was shown, another cannot have agreed to.
  const purpose = (url: string, { waiting, session }: Step) => `${url} ${waiting.id} ${session.id}`

  function requireGenuine(request: FastifyRequest, form: Parameters, url: string, step: Step): void {
    const browser = cookies.browser(request)
    const token = form.get('csrf')
    if (isSameOrigin(request, issuer) && browser && formTokens.check(token, browser, purpose(url, step))) return
    throw new OAuthError(
      'invalid_request',
      'This form was not sent from the page that we showed. Go back and try again.',
      {
        status: 403,
      },
    )
  }

  const shown = (request: FastifyRequest, url: string, step: Step) => ({
    locale: chooseLocale(step.request.uiLocales, request.headers['accept-language']),
    action: url,
    csrf: formTokens.make(cookies.browser(request) ?? '', purpose(url, step)),
    request: step.waiting.id,
    client: displayOf(step.request.client, languagesOf(step.request.uiLocales, request.headers['accept-language'])),
    account: { name: displayName(step.session.user), email: step.session.user.email },
  })

  scope.get(stepUrls.select_account, async (request, reply) => {
    const step = await findStep(request, readQuery(request).get('request'), 'select_account')
    if (!step.request) return reply.redirect(resumeUrl(step.waiting.id))
    return sendPage(reply, selectAccountPage(shown(request, stepUrls.select_account, step)), policy)
  })

  scope.post(stepUrls.select_account, async (request, reply) => {
    const form = readForm(request)
    const step = await findStep(request, form.get('request'), 'select_account')
    if (!step.request) return reply.redirect(resumeUrl(step.waiting.id), 303)
    requireGenuine(request, form, stepUrls.select_account, step)
    if (form.get('action') !== 'continue')
      return reply.redirect(`${stepUrls.login}?request=${step.waiting.id}&account=another`, 303)
    await authorizationRequests.chooseSession(step.waiting, step.session.id)
    return reply.redirect(resumeUrl(step.waiting.id), 303)
  })

  scope.get(stepUrls.consent, async (request, reply) => {
    const step = await findStep(request, readQuery(request).get('request'), 'consent')
    if (!step.request) return reply.redirect(resumeUrl(step.waiting.id))
    const { deviceAuthorizationId: id, client } = step.request
    const device =
      id === undefined ? undefined : await deviceAuthorizations.find({ id, organisationId: client.organisationId })
    const html = consentPage({
      ...shown(request, stepUrls.consent, step),
      organisation: step.session.organisation.name,
      scopes: step.request.consentScopes.map((name) => ({ name })),
      destination: device ? { device: device.ipAddress } : { host: hostOf(step.request.redirectUri) },
    })
    return sendPage(reply, html, policy)
  })

  scope.post(stepUrls.consent, async (request, reply) => {
    const form = readForm(request)
    const step = await findStep(request, form.get('request'), 'consent')
    if (!step.request) return reply.redirect(resumeUrl(step.waiting.id), 303)
    requireGenuine(request, form, stepUrls.consent, step)
    const { client, consentScopes: scopes } = step.request
    const agreed = form.get('action') === 'allow'
    const event = securityEvent(clock, agreed ? 'oauth2.consent.granted' : 'oauth2.consent.denied', {
      organisationId: client.organisationId,
      origin: originOf(request),
      userId: step.session.userId,
      clientId: client.id,
      metadata: { scopes },
    })
    const waiting = { id: step.waiting.id, organisationId: client.organisationId, clientId: client.id }
    if (agreed) {
      await authorizationRequests.consent(waiting, { userId: step.session.userId, scopes, now: clock.now() }, event)
      return reply.redirect(resumeUrl(step.waiting.id), 303)
    }
    await authorizationRequests.discard(step.waiting, event)
    return send(
      request,
      reply,
      await refuseByPerson(
        { parameters: step.parameters, browserState: cookies.browserState(request), waiting: step.waiting },
        step.session.id,
        options,
      ),
      step.parameters,
    )
  })

  refuseOtherMethods(scope, stepUrls.select_account, ['GET', 'POST'])
  refuseOtherMethods(scope, stepUrls.consent, ['GET', 'POST'])
}

/** What to tell the person of where they will be sent: the host, or the scheme of a native application. */
function hostOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri)
  return host === '' ? protocol : host
}
