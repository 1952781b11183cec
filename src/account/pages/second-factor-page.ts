import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  completeSignIn,
  needsPasskey,
  storeStepUp,
  type ProofOfFactor,
  type PendingSignInServices,
  type SignInCompletion,
} from '../../authentication/second-factor/complete-sign-in.ts'
import { createAssertionOptionsFor } from '../../authentication/passkeys/prove-passkey.ts'
import { describeTotpEnrolment } from '../../authentication/second-factor/enrol-totp.ts'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { interactionUrls } from '../../authorize/interaction-urls.ts'
import {
  createPendingRequestFinder,
  type PendingRequest,
  type PendingRequestOptions,
} from '../../authorize/request/pending-request.ts'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { hashCookie, type Cookies } from '../../http/request/cookies.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { addEffectfulGet } from '../../http/server/effectful-get.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import type { FoundPendingSignIn } from '../../model/second-factors/pending-sign-in.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { chooseLocale, preferredLanguages, type Locale } from '../../pages/messages/locale.ts'
import { passkeyScriptHash } from '../../pages/passkeys/script.ts'
import { recoveryCodesPage } from '../../pages/recovery-codes.tsx'
import { secondFactorPage, type SecondFactorProps } from '../../pages/second-factor.tsx'
import { toClientDisplay, type ClientDisplay } from '../../pages/theme/client-display.tsx'
import { styleHash } from '../../pages/theme/style.ts'
import { assertionSchema, readCredential } from '../passkeys/credentials.ts'
import type { NextSignInStep } from './next-sign-in-step.ts'
import { passkeyOfferUrl, readReturnPath } from './return-path.ts'

export interface SecondFactorPageOptions extends PendingSignInServices, PendingRequestOptions {
  issuer: string
  cookies: Cookies
  csrfTokens: CsrfTokens
  browserSessions: BrowserSessions
  organisations: Pick<OrganisationRepository, 'find'>
  nextSignInStep: NextSignInStep
  /** The URL at which the browser continues with a pending authorization request. */
  resumeUrl: (request: string, answer?: 'cancel') => string
}

const PATH = interactionUrls.second_factor
const SIGN_IN_PATH = interactionUrls.login

/** The page of a pending sign-in, for an authorization request or by itself. */
export function secondFactorUrl(signIn: string, request: string | undefined, returnTo?: string): string {
  const context = { ...(request !== undefined && { request }), ...(returnTo !== undefined && { return_to: returnTo }) }
  return `${PATH}?${new URLSearchParams({ sign_in: signIn, ...context })}`
}

/** A pending sign-in of this browser, with the authorization request that it is for. */
interface Step {
  signIn: FoundPendingSignIn
  pendingRequest: PendingRequest | undefined
  returnTo: string | undefined
}

/** The second factor of a sign-in, and setting one up where it is required. */
export function secondFactorPages(scope: FastifyInstance, options: SecondFactorPageOptions): void {
  const { clock, cookies, csrfTokens, browserSessions, pendingSignIns, resumeUrl } = options
  const findPendingRequest = createPendingRequestFinder(options)
  const nextUrl = (request: string | undefined, returnTo?: string) =>
    request === undefined ? (returnTo ?? SIGN_IN_PATH) : resumeUrl(request)

  async function findStep(request: FastifyRequest, parameters: Parameters): Promise<Step | undefined> {
    const id = parameters.get('sign_in')
    const browser = cookies.browserId(request)
    if (id === undefined || browser === undefined) return undefined
    const signIn = await pendingSignIns.find(id, hashCookie(browser), clock.now())
    if (!signIn) return undefined
    const pending = signIn.authorizationRequestId
    const pendingRequest = pending === null ? undefined : await findPendingRequest(pending, request)
    return { signIn, pendingRequest, returnTo: readReturnPath(parameters) }
  }

  // Bound to the sign-in, so that the form of another user cannot be sent for it.
  const csrfPurpose = (signIn: FoundPendingSignIn) => `${PATH} ${signIn.id}`

  async function render(request: FastifyRequest, reply: FastifyReply, step: Step, error?: SecondFactorProps['error']) {
    const { signIn, pendingRequest, returnTo } = step
    const browser = cookies.ensureBrowserId(request, reply)
    const passkeyOptions = await createAssertionOptionsFor(options, browser, signIn.user, {
      deviceBoundOnly: signIn.requiredAcr === 'phrh',
    })
    const client = clientOf(request, pendingRequest)
    const html = secondFactorPage({
      locale: localeOf(request, pendingRequest),
      action: PATH,
      csrf: csrfTokens.create(browser, csrfPurpose(signIn)),
      signIn: signIn.id,
      request: pendingRequest?.id,
      client,
      email: signIn.user.email,
      enrolment: await enrolmentOf(signIn),
      asksForCode: signIn.newTotpSecret !== null || (signIn.user.mfaMethods.includes('totp') && !needsPasskey(signIn)),
      passkeyOptions,
      returnTo,
      error,
    })
    const script = passkeyOptions && passkeyScriptHash
    const images = client?.logoUri !== undefined
    return sendPage(reply, html, pageContentSecurityPolicy({ style: styleHash, script, images }))
  }

  async function enrolmentOf({ newTotpSecret, user, organisationId }: FoundPendingSignIn) {
    if (newTotpSecret === null) return undefined
    const organisation = await options.organisations.find(organisationId)
    return describeTotpEnrolment(options, user, newTotpSecret, organisation?.name ?? '')
  }

  // It stores a step-up for a session that has come without a pending sign-in.
  addEffectfulGet(scope, PATH, async (request, reply) => {
    const query = readQuery(request)
    const step = await findStep(request, query)
    if (step) return render(request, reply, step)
    const requestId = query.get('request')
    // It has ended or expired: the user signs in again.
    if (query.get('sign_in') !== undefined || requestId === undefined) return reply.redirect(nextUrl(requestId))
    const pendingRequest = await findPendingRequest(requestId, request)
    const { session } = (await browserSessions.find(cookies.session(request))) ?? {}
    const next = session && (await options.nextSignInStep(pendingRequest, request))
    if (next?.next !== 'second_factor') return reply.redirect(nextUrl(requestId))
    const browser = cookies.ensureBrowserId(request, reply)
    const signIn = await storeStepUp(options, next.session, requestId, next.acr, browser)
    return reply.redirect(secondFactorUrl(signIn, requestId))
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const step = await findStep(request, form)
    if (!step) return reply.redirect(nextUrl(form.get('request')), 303)
    const { signIn, pendingRequest } = step
    if (!isOwnForm(options, csrfPurpose(signIn), request, form)) return render(request, reply.status(403), step, 'csrf')
    if (form.get('action') === 'cancel') {
      return reply.redirect(pendingRequest ? resumeUrl(pendingRequest.id, 'cancel') : SIGN_IN_PATH, 303)
    }
    const proof = readProof(request, form)
    if (proof === undefined) return render(request, reply.status(400), step, 'missing')
    const attempt = {
      origin: requestMetadata(request),
      previousCookie: cookies.session(request),
      deviceCookie: cookies.device(request),
      network: request.clientAddress.network,
    }
    let completion: SignInCompletion
    try {
      completion = await completeSignIn(signIn, proof, attempt, options)
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return render(request, reply.status(429).header('retry-after', error.retryAfter), step, 'throttled')
    }
    if (completion.outcome === 'wrong_code') return render(request, reply.status(401), step, 'code')
    if (completion.outcome === 'wrong_passkey') return render(request, reply.status(401), step, 'passkey')
    if (completion.outcome === 'signed_in') {
      cookies.setSession(reply, completion.session.cookie, completion.session.sessionLifetime)
      cookies.setDevice(reply, completion.session.deviceCookie)
    }
    const next = nextUrl(pendingRequest?.id, step.returnTo)
    if (completion.outcome === 'void' || completion.recoveryCodes === undefined) {
      const credentials = completion.outcome === 'signed_in' ? completion.session.credentials : undefined
      const offer = credentials && passkeyOfferUrl(options, credentials, pendingRequest?.id)
      return reply.redirect(step.returnTo === undefined ? (offer ?? next) : next, 303)
    }
    const client = clientOf(request, pendingRequest)
    const locale = localeOf(request, pendingRequest)
    const html = recoveryCodesPage({ locale, codes: completion.recoveryCodes, next, client })
    return sendPage(reply, html, pageContentSecurityPolicy({ style: styleHash, images: client?.logoUri !== undefined }))
  })

  function readProof(request: FastifyRequest, form: Parameters): ProofOfFactor | undefined {
    const code = form.get('code')
    if (form.get('action') !== 'passkey') return code === undefined ? undefined : { code }
    const assertion = readCredential(assertionSchema, form.get('credential'))
    return assertion && { assertion, browserId: cookies.browserId(request) ?? '' }
  }

  rejectOtherMethods(scope, PATH, ['GET', 'POST'])
}

function localeOf(request: FastifyRequest, pendingRequest: PendingRequest | undefined): Locale {
  return chooseLocale(pendingRequest?.parameters['ui_locales'], request.headers['accept-language'])
}

function clientOf(request: FastifyRequest, pendingRequest: PendingRequest | undefined): ClientDisplay | undefined {
  if (!pendingRequest) return undefined
  const languages = preferredLanguages(pendingRequest.parameters['ui_locales'], request.headers['accept-language'])
  return toClientDisplay(pendingRequest.client, languages)
}
