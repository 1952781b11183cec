import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.ts'
import { abandoned } from '../http/abandoned.ts'
import { isSameOrigin, type FormTokens } from '../http/cross-site.ts'
import { readForm, readQuery } from '../http/forms.ts'
import { TooManyRequests } from '../http/framework-errors.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { pagePolicy, sendPage } from '../http/page-dialect.ts'
import type { Clock } from '../lib/clock.ts'
import { displayName } from '../model/user.ts'
import type { Parameters } from '../oauth/params.ts'
import { displayOf } from '../pages/client-display.tsx'
import { chooseLocale, languagesOf, type Locale } from '../pages/locale.ts'
import { loginPage, type LoginProps } from '../pages/login.tsx'
import { signedInPage } from '../pages/signed-in.tsx'
import { styleHash } from '../pages/style.ts'
import type { BrowserSessions } from './browser-session.ts'
import { signIn, type SignInOptions } from './sign-in.ts'
import { waitingRequests, type Waiting, type WaitingRequestOptions } from './waiting-request.ts'

export interface SignInPageOptions extends SignInOptions, WaitingRequestOptions {
  issuer: string
  clock: Clock
  cookies: Cookies
  formTokens: FormTokens
  browserSessions: BrowserSessions
  /** Where a browser goes on with a waiting authorization request. */
  resumeUrl: (request: string, answer?: 'cancel') => string
}

const PATH = '/auth/login'
const policy = pagePolicy({ style: styleHash })

/** The sign-in page, for a waiting authorization request or for itself. */
export function signInPages(scope: FastifyInstance, options: SignInPageOptions): void {
  const { issuer, cookies, formTokens, browserSessions, resumeUrl } = options

  const findWaiting = waitingRequests(options)

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: Waiting | undefined,
    more: Pick<LoginProps, 'email' | 'error' | 'reason'>,
  ): FastifyReply {
    const browser = cookies.ensureBrowser(request, reply)
    const html = loginPage({
      locale: localeOf(request, waiting),
      action: PATH,
      csrf: formTokens.make(browser, PATH),
      request: waiting?.id,
      client:
        waiting?.client &&
        displayOf(waiting.client, languagesOf(waiting.parameters['ui_locales'], request.headers['accept-language'])),
      organisation: waiting?.client.organisation.name,
      ...more,
    })
    return sendPage(reply, html, policy)
  }

  scope.get(PATH, async (request, reply) => {
    const query = readQuery(request)
    const id = query.get('request')
    const { session } = (await browserSessions.find(cookies.session(request))) ?? {}
    if (id !== undefined) {
      const waiting = await findWaiting(id, cookies.browser(request))
      const again = session?.organisationId === waiting.organisationId && query.get('account') !== 'another'
      const email = again ? session.user.email : waiting.parameters['login_hint']
      return show(request, reply, waiting, { email, reason: again ? 'reauthenticate' : undefined })
    }
    if (!session) return show(request, reply, undefined, {})
    const html = signedInPage({
      locale: localeOf(request),
      account: { name: displayName(session.user), email: session.user.email },
      organisation: session.organisation.name,
      signOutAction: '/oauth2/logout',
      csrf: formTokens.make(cookies.ensureBrowser(request, reply), '/oauth2/logout'),
    })
    return sendPage(reply, html, policy)
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const id = form.get('request')
    const waiting = id === undefined ? undefined : await findWaiting(id, cookies.browser(request))
    if (!isGenuine(request, form)) return show(request, reply.status(403), waiting, { error: 'csrf' })
    if (form.get('action') === 'cancel' && waiting) return reply.redirect(resumeUrl(waiting.id, 'cancel'), 303)
    const email = form.get('email')
    const password = form.get('password')
    if (email === undefined || password === undefined) {
      return show(request, reply.status(400), waiting, { email, error: 'missing' })
    }
    try {
      const result = await signIn(
        {
          email,
          password,
          origin: originOf(request),
          previousCookie: cookies.session(request),
          waiting,
          abandoned: abandoned(reply),
        },
        options,
      )
      if (result.outcome !== 'signed_in') {
        const error = result.outcome === 'unavailable' ? 'unavailable' : 'credentials'
        return await show(request, reply.status(401), waiting, { email, error })
      }
      cookies.setSession(reply, result.cookie, result.credentials.organisation.sessionLifetime)
      return await reply.redirect(waiting ? resumeUrl(waiting.id) : PATH, 303)
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return show(request, reply.status(429).header('retry-after', error.retryAfter), waiting, {
        email,
        error: 'throttled',
      })
    }
  })

  function isGenuine(request: FastifyRequest, form: Parameters): boolean {
    const browser = cookies.browser(request)
    return isSameOrigin(request, issuer) && browser !== undefined && formTokens.check(form.get('csrf'), browser, PATH)
  }

  refuseOtherMethods(scope, PATH, ['GET', 'POST'])
}

function localeOf(request: FastifyRequest, waiting?: Waiting): Locale {
  return chooseLocale(waiting?.parameters['ui_locales'], request.headers['accept-language'])
}
