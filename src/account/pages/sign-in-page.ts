// `account/pages` owns the routes of the hosted sign-in pages: the password, and the second factor.
// After a sign-in the browser returns to the authorization endpoint, which alone decides the next step.
// The HTML belongs to `pages`; checking the password belongs to `authentication`.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../../http/request/cookies.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { displayName } from '../../model/users/user.ts'
import { toClientDisplay } from '../../pages/theme/client-display.tsx'
import { chooseLocale, preferredLanguages, type Locale } from '../../pages/messages/locale.ts'
import { loginPage, type LoginProps } from '../../pages/login.tsx'
import { passkeyScriptHash } from '../../pages/passkeys/script.ts'
import { signedInPage } from '../../pages/signed-in.tsx'
import { styleHash } from '../../pages/theme/style.ts'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { isRecentSignIn } from '../../authentication/sessions/recent-sign-in.ts'
import { createAssertionOptions } from '../../authentication/passkeys/prove-passkey.ts'
import { signInWithPasskey, type PasskeySignInResult } from '../../authentication/passkeys/sign-in-with-passkey.ts'
import { storePendingSignIn, type PendingSignInServices } from '../../authentication/second-factor/complete-sign-in.ts'
import { signIn, type SignInAttempt, type SignInResult } from '../../authentication/sign-in.ts'
import {
  createPendingRequestFinder,
  type PendingRequest,
  type PendingRequestOptions,
} from '../../authorize/request/pending-request.ts'
import { assertionSchema, readCredential } from '../passkeys/credentials.ts'
import type { NextSignInStep } from './next-sign-in-step.ts'
import { passkeyOfferUrl, PASSKEYS_PAGE, readReturnPath } from './return-path.ts'
import { secondFactorUrl } from './second-factor-page.ts'

export interface SignInPageOptions extends PendingSignInServices, PendingRequestOptions {
  cookies: Cookies
  csrfTokens: CsrfTokens
  browserSessions: BrowserSessions
  nextSignInStep: NextSignInStep
  /** The URL at which the browser continues with a pending authorization request. */
  resumeUrl: (request: string, answer?: 'cancel') => string
}

const SIGN_IN_PATH = '/auth/login'
const signedInPolicy = pageContentSecurityPolicy({ style: styleHash })

/** The sign-in page, for a pending authorization request or by itself. */
export function signInPages(scope: FastifyInstance, options: SignInPageOptions): void {
  const { cookies, csrfTokens, browserSessions, resumeUrl } = options

  const findPendingRequest = createPendingRequestFinder(options)

  function renderSignInPage(
    request: FastifyRequest,
    reply: FastifyReply,
    pendingRequest: PendingRequest | undefined,
    more: Pick<LoginProps, 'email' | 'error' | 'reason' | 'returnTo'>,
  ): FastifyReply {
    const browser = cookies.ensureBrowserId(request, reply)
    const client =
      pendingRequest?.client &&
      toClientDisplay(
        pendingRequest.client,
        preferredLanguages(pendingRequest.parameters['ui_locales'], request.headers['accept-language']),
      )
    const passkeyOptions = createAssertionOptions(options, browser)
    const html = loginPage({
      locale: localeOf(request, pendingRequest),
      action: SIGN_IN_PATH,
      csrf: csrfTokens.create(browser, SIGN_IN_PATH),
      request: pendingRequest?.id,
      client,
      organisation: pendingRequest?.client.organisation.name,
      forgotPasswordUrl: options.mailer.isEnabled ? forgotPasswordUrl(pendingRequest?.id) : undefined,
      offersStaySignedIn: pendingRequest?.client.organisation.offersStaySignedIn ?? false,
      passkeyOptions,
      ...more,
    })
    const policy = pageContentSecurityPolicy({
      style: styleHash,
      script: passkeyOptions && passkeyScriptHash,
      images: client?.logoUri !== undefined,
    })
    return sendPage(reply, html, policy)
  }

  scope.get(SIGN_IN_PATH, async (request, reply) => {
    const query = readQuery(request)
    const id = query.get('request')
    const { session } = (await browserSessions.find(cookies.session(request))) ?? {}
    if (id !== undefined) {
      const pendingRequest = await findPendingRequest(id, request)
      // The user has signed in since in another tab.
      if (session && query.get('account') !== 'another') {
        const step = await options.nextSignInStep(pendingRequest, request)
        if (step?.next !== 'login') return reply.redirect(resumeUrl(id))
      }
      const reauthenticating =
        session?.organisationId === pendingRequest.organisationId && query.get('account') !== 'another'
      const email = reauthenticating ? session.user.email : pendingRequest.parameters['login_hint']
      return renderSignInPage(request, reply, pendingRequest, {
        email,
        reason: reauthenticating ? 'reauthenticate' : undefined,
      })
    }
    const returnTo = readReturnPath(query)
    if (!session || query.get('account') === 'another') {
      return renderSignInPage(request, reply, undefined, { returnTo })
    }
    if (returnTo !== undefined && !isRecentSignIn(session.authTime, options.clock.now())) {
      const { email } = session.user
      return renderSignInPage(request, reply, undefined, { email, reason: 'reauthenticate', returnTo })
    }
    if (returnTo !== undefined) return reply.redirect(returnTo)
    const html = signedInPage({
      locale: localeOf(request),
      account: { name: displayName(session.user), email: session.user.email },
      organisation: session.organisation.name,
      signOutAction: '/oauth2/logout',
      csrf: csrfTokens.create(cookies.ensureBrowserId(request, reply), '/oauth2/logout'),
      passkeysUrl: options.relyingParty && PASSKEYS_PAGE,
    })
    return sendPage(reply, html, signedInPolicy)
  })

  scope.post(SIGN_IN_PATH, async (request, reply) => {
    const form = readForm(request)
    const id = form.get('request')
    const pendingRequest = id === undefined ? undefined : await findPendingRequest(id, request)
    if (!isOwnForm(options, SIGN_IN_PATH, request, form))
      return renderSignInPage(request, reply.status(403), pendingRequest, { error: 'csrf' })
    if (form.get('action') === 'cancel' && pendingRequest)
      return reply.redirect(resumeUrl(pendingRequest.id, 'cancel'), 303)
    const returnTo = readReturnPath(form)
    const email = form.get('email')
    const isPasskey = form.get('action') === 'passkey'
    const password = form.get('password')
    if (!isPasskey && (email === undefined || password === undefined)) {
      return renderSignInPage(request, reply.status(400), pendingRequest, { email, error: 'missing', returnTo })
    }
    const attempt = {
      staySignedIn: form.get('stay_signed_in') === 'true',
      network: request.clientAddress.network,
      origin: requestMetadata(request),
      previousCookie: cookies.session(request),
      deviceCookie: cookies.device(request),
      pendingRequest,
    }
    try {
      const result = isPasskey
        ? await trySignInWithPasskey(attempt, request, form)
        : await signIn(
            { ...attempt, email: email ?? '', password: password ?? '', signal: clientDisconnectSignal(reply) },
            options,
          )
      if (result.outcome === 'second_factor_due') {
        const browser = cookies.ensureBrowserId(request, reply)
        const signInId = await storePendingSignIn(options, result, attempt, browser)
        return await reply.redirect(secondFactorUrl(signInId, pendingRequest?.id, returnTo), 303)
      }
      if (result.outcome !== 'signed_in') {
        const error = isPasskey && result.outcome === 'wrong_credentials' ? 'passkey' : signInErrorOf(result)
        return await renderSignInPage(request, reply.status(401), pendingRequest, { email, error, returnTo })
      }
      cookies.setSession(reply, result.cookie, result.sessionLifetime)
      cookies.setDevice(reply, result.deviceCookie)
      const offer = isPasskey ? undefined : passkeyOfferUrl(options, result.credentials, pendingRequest?.id)
      const next = pendingRequest ? resumeUrl(pendingRequest.id) : (returnTo ?? SIGN_IN_PATH)
      return await reply.redirect(returnTo === undefined ? (offer ?? next) : next, 303)
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return renderSignInPage(request, reply.status(429).header('retry-after', error.retryAfter), pendingRequest, {
        email,
        error: 'throttled',
        returnTo,
      })
    }
  })

  rejectOtherMethods(scope, SIGN_IN_PATH, ['GET', 'POST'])

  async function trySignInWithPasskey(
    attempt: Omit<SignInAttempt, 'email' | 'password' | 'signal'>,
    request: FastifyRequest,
    form: Parameters,
  ): Promise<PasskeySignInResult> {
    const assertion = readCredential(assertionSchema, form.get('credential'))
    if (!assertion) return { outcome: 'wrong_credentials' }
    return signInWithPasskey({ ...attempt, assertion, browserId: cookies.browserId(request) ?? '' }, options)
  }
}

function forgotPasswordUrl(request: string | undefined): string {
  return request === undefined ? '/forgot-password' : `/forgot-password?${new URLSearchParams({ request })}`
}

function localeOf(request: FastifyRequest, pendingRequest?: PendingRequest): Locale {
  return chooseLocale(pendingRequest?.parameters['ui_locales'], request.headers['accept-language'])
}

function signInErrorOf(
  result: Exclude<SignInResult | PasskeySignInResult, { outcome: 'signed_in' | 'second_factor_due' }>,
): LoginProps['error'] {
  if (result.outcome === 'expired') return 'passkeyExpired'
  if (result.outcome === 'wrong_credentials') return 'credentials'
  return result.reason === 'organisation_closed' ? 'organisationClosed' : 'unavailable'
}
