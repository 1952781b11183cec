import type { Subjects } from '../clients/subject.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BrowserSessions } from '../accounts/browser-session.ts'
import type { Cookies } from '../http/cookies.ts'
import { isSameOrigin, type FormTokens } from '../http/cross-site.ts'
import { readForm, readQuery } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { pagePolicy, sendPage } from '../http/page-dialect.ts'
import type { LiveSession } from '../model/session.ts'
import { displayName } from '../model/user.ts'
import { storeParameters, type Parameters } from '../oauth/params.ts'
import { displayOf } from '../pages/client-display.tsx'
import { chooseLocale, languagesOf } from '../pages/locale.ts'
import { leaveScriptHash, logoutConfirmPage, signedOutPage } from '../pages/logout.tsx'
import { styleHash } from '../pages/style.ts'
import { frameAddresses } from './front-channel.ts'
import { mayEndUnasked, readLogoutRequest, type LogoutOptions, type LogoutRequest } from './logout.ts'

export interface LogoutRoutesOptions extends LogoutOptions {
  subjects: Subjects
  cookies: Cookies
  formTokens: FormTokens
  browserSessions: BrowserSessions
}

const PATH = '/oauth2/logout'
const policy = pagePolicy({ style: styleHash })

/** What became of a logout. */
interface Outcome {
  /** A hint or the person has said that the browser belongs where it is to go (§3). If not, there is a link. */
  legitimate: boolean
  /** What the page must load, so that the sessions of applications end too. */
  frames: readonly string[]
}

const nothingToEnd = ({ hint }: LogoutRequest): Outcome => ({ legitimate: hint !== undefined, frames: [] })

/** The end-session endpoint (OpenID Connect RP-Initiated Logout §2). */
export function logoutRoutes(scope: FastifyInstance, options: LogoutRoutesOptions): void {
  const { issuer, cookies, formTokens, browserSessions } = options

  scope.get(PATH, async (request, reply) => {
    const parameters = readQuery(request)
    const logout = await readLogoutRequest(parameters, options)
    const session = await findSession(request)
    if (!session) return finish(request, reply, parameters, logout, nothingToEnd(logout))
    if (!mayEndUnasked(logout, session, options.subjects)) return ask(request, reply, parameters, logout, session)
    return finish(request, reply, parameters, logout, await end(request, session, logout))
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    // A form of another site carries no cookies; it goes on as a GET, which does.
    if (form.get('csrf') === undefined) {
      return reply.redirect(`${PATH}?${new URLSearchParams(storeParameters(form))}`, 303)
    }
    const logout = await readLogoutRequest(form, options)
    const session = await findSession(request)
    if (!session) return finish(request, reply, form, logout, nothingToEnd(logout))
    const browser = cookies.browser(request)
    if (!isSameOrigin(request, issuer) || !browser || !formTokens.check(form.get('csrf'), browser, PATH)) {
      return ask(request, reply, form, logout, session)
    }
    if (form.get('action') === 'stay') return reply.redirect('/auth/login', 303)
    return finish(request, reply, form, logout, await end(request, session, logout))
  })

  async function findSession(request: FastifyRequest): Promise<LiveSession | undefined> {
    return (await browserSessions.find(cookies.session(request)))?.session
  }

  async function end(request: FastifyRequest, session: LiveSession, { client }: LogoutRequest): Promise<Outcome> {
    const ended = await browserSessions.end(session, originOf(request), client?.id)
    return { legitimate: true, frames: ended ? frameAddresses(ended, { issuer, sid: session.id }) : [] }
  }

  function ask(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: Parameters,
    { client }: LogoutRequest,
    session: LiveSession,
  ): FastifyReply {
    const { csrf: _, ...carried } = storeParameters(parameters)
    const html = logoutConfirmPage({
      locale: localeOf(request, parameters),
      action: PATH,
      csrf: formTokens.make(cookies.ensureBrowser(request, reply), PATH),
      parameters: carried,
      client: client && displayOf(client, readBy(request, parameters)),
      account: { name: displayName(session.user), email: session.user.email },
    })
    return sendPage(reply, html, policy)
  }

  function finish(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: Parameters,
    { client, continueUri }: LogoutRequest,
    { legitimate, frames }: Outcome,
  ): FastifyReply {
    cookies.clearSession(reply)
    if (continueUri !== undefined && legitimate && frames.length === 0) {
      return reply.redirect(continueUri, request.method === 'POST' ? 303 : 302)
    }
    const html = signedOutPage({
      locale: localeOf(request, parameters),
      client: client && displayOf(client, readBy(request, parameters)),
      continueUri,
      frames,
    })
    const origins = [...new Set(frames.map((uri) => new URL(uri).origin))]
    return sendPage(reply, html, pagePolicy({ style: styleHash, script: leaveScriptHash, frames: origins }))
  }

  refuseOtherMethods(scope, PATH, ['GET', 'POST'])
}

function localeOf(request: FastifyRequest, parameters: Parameters) {
  return chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
}

function readBy(request: FastifyRequest, parameters: Parameters) {
  return languagesOf(parameters.get('ui_locales'), request.headers['accept-language'])
}
