import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BrowserSessions } from '../authentication/sessions/browser-sessions.ts'
import type { Cookies } from '../http/request/cookies.ts'
import { isOwnForm, isSameOrigin, type CsrfTokens } from '../http/security/csrf.ts'
import { readForm, readQuery } from '../http/request/forms.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { addEffectfulGet } from '../http/server/effectful-get.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import { pageContentSecurityPolicy, sendPage } from '../http/errors/page-error-handler.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import { displayName } from '../model/users/user.ts'
import { parametersToRecord, type Parameters } from '../oauth/parameters.ts'
import { formPostScriptHash, logoutResubmitPage } from '../pages/form-post.tsx'
import { toClientDisplay } from '../pages/theme/client-display.tsx'
import { chooseLocale, preferredLanguages } from '../pages/messages/locale.ts'
import { redirectScriptHash, logoutConfirmPage, signedOutPage } from '../pages/logout.tsx'
import { styleHash } from '../pages/theme/style.ts'
import { buildFrontChannelLogoutUrls } from './front-channel-logout.ts'
import {
  canSkipConfirmation,
  readLogoutRequest,
  type LogoutRequestOptions,
  type LogoutRequest,
} from './logout-request.ts'

export interface LogoutRoutesOptions extends LogoutRequestOptions {
  resolveSubject: SubjectResolver
  cookies: Cookies
  csrfTokens: CsrfTokens
  browserSessions: BrowserSessions
}

const LOGOUT_PATH = '/oauth2/logout'
const resubmitContentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash, script: formPostScriptHash })

/** The result of a logout request. */
interface LogoutOutcome {
  /** Whether an ID token hint or the user confirmed the logout, so the browser is redirected (§3). If not, there is a link. */
  redirectAllowed: boolean
  /** The URLs that the page must load to log the user out of the clients. */
  frontChannelLogoutUrls: readonly string[]
}

const outcomeWithoutSession = ({ hint }: LogoutRequest): LogoutOutcome => ({
  redirectAllowed: hint !== undefined,
  frontChannelLogoutUrls: [],
})

/** The end-session endpoint (OpenID Connect RP-Initiated Logout §2). */
export function logoutRoutes(scope: FastifyInstance, options: LogoutRoutesOptions): void {
  const { issuer, cookies, csrfTokens, browserSessions } = options

  addEffectfulGet(scope, LOGOUT_PATH, async (request, reply) => sendLogout(request, reply, readQuery(request)))

  async function sendLogout(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: Parameters,
  ): Promise<FastifyReply> {
    const logout = await readLogoutRequest(parameters, options)
    const session = await findSession(request)
    if (!session) return sendOutcome(request, reply, parameters, logout, outcomeWithoutSession(logout))
    if (!canSkipConfirmation(logout, session, options.resolveSubject))
      return sendConfirmationPage(request, reply, parameters, logout, session)
    return sendOutcome(request, reply, parameters, logout, await endSession(request, session, logout))
  }

  scope.post(LOGOUT_PATH, async (request, reply) => {
    const form = readForm(request)
    if (form.get('csrf') === undefined) {
      // The browser sends no cookies with a form of another site. It sends them with the same form of our own page.
      return cookies.session(request) === undefined && !isSameOrigin(request, issuer)
        ? sendResubmitPage(request, reply, form)
        : sendLogout(request, reply, form)
    }
    const logout = await readLogoutRequest(form, options)
    const session = await findSession(request)
    if (!session) return sendOutcome(request, reply, form, logout, outcomeWithoutSession(logout))
    if (!isOwnForm(options, LOGOUT_PATH, request, form)) {
      return sendConfirmationPage(request, reply, form, logout, session)
    }
    if (form.get('action') === 'stay') return reply.redirect('/auth/login', 303)
    return sendOutcome(request, reply, form, logout, await endSession(request, session, logout))
  })

  async function findSession(request: FastifyRequest): Promise<ActiveSession | undefined> {
    return (await browserSessions.find(cookies.session(request)))?.session
  }

  async function endSession(
    request: FastifyRequest,
    session: ActiveSession,
    { client }: LogoutRequest,
  ): Promise<LogoutOutcome> {
    const endedSession = await browserSessions.end(session, requestMetadata(request), client?.id)
    return {
      redirectAllowed: true,
      frontChannelLogoutUrls: endedSession
        ? buildFrontChannelLogoutUrls(endedSession, { issuer, sid: session.id })
        : [],
    }
  }

  /** Makes the browser send the form again, from this server. The parameters stay out of addresses. */
  function sendResubmitPage(request: FastifyRequest, reply: FastifyReply, form: Parameters): FastifyReply {
    const parameters = parametersToRecord(form)
    const page = logoutResubmitPage({ locale: pageLocale(request, form), action: LOGOUT_PATH, parameters })
    return sendPage(reply, page, resubmitContentSecurityPolicy)
  }

  function sendConfirmationPage(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: Parameters,
    { client }: LogoutRequest,
    session: ActiveSession,
  ): FastifyReply {
    const { csrf: _, ...hiddenParameters } = parametersToRecord(parameters)
    const display = client && toClientDisplay(client, preferredLanguagesOf(request, parameters))
    const page = logoutConfirmPage({
      locale: pageLocale(request, parameters),
      action: LOGOUT_PATH,
      csrf: csrfTokens.create(cookies.ensureBrowserId(request, reply), LOGOUT_PATH),
      parameters: hiddenParameters,
      client: display,
      account: { name: displayName(session.user), email: session.user.email },
    })
    return sendPage(
      reply,
      page,
      pageContentSecurityPolicy({ style: styleHash, images: display?.logoUri !== undefined }),
    )
  }

  function sendOutcome(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: Parameters,
    { client, postLogoutRedirectUri }: LogoutRequest,
    { redirectAllowed, frontChannelLogoutUrls }: LogoutOutcome,
  ): FastifyReply {
    cookies.clearSession(reply)
    if (postLogoutRedirectUri !== undefined && redirectAllowed && frontChannelLogoutUrls.length === 0) {
      return reply.redirect(postLogoutRedirectUri, request.method === 'POST' ? 303 : 302)
    }
    const page = signedOutPage({
      locale: pageLocale(request, parameters),
      client: client && toClientDisplay(client, preferredLanguagesOf(request, parameters)),
      postLogoutRedirectUri,
      frontChannelLogoutUrls,
    })
    const frameOrigins = [...new Set(frontChannelLogoutUrls.map((uri) => new URL(uri).origin))]
    return sendPage(
      reply,
      page,
      pageContentSecurityPolicy({ style: styleHash, script: redirectScriptHash, frames: frameOrigins }),
    )
  }

  rejectOtherMethods(scope, LOGOUT_PATH, ['GET', 'POST'])
}

function pageLocale(request: FastifyRequest, parameters: Parameters) {
  return chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
}

function preferredLanguagesOf(request: FastifyRequest, parameters: Parameters) {
  return preferredLanguages(parameters.get('ui_locales'), request.headers['accept-language'])
}
