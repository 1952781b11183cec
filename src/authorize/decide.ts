import { isRecentSignIn } from '../authentication/sessions/recent-sign-in.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { Grant } from '../model/grants/grant.ts'
import type { InteractionResult } from '../model/authorization/pending-authorization-request.ts'
import type { SessionContext, ActiveSession } from '../model/sessions/session.ts'
import { answeredAcr, reachableAcr, reachedAcr, reachesAcr, requiredAcr, type Acr } from '../oauth/acr.ts'
import { amrOf } from '../oauth/authentication-methods.ts'
import type { OAuthErrorCode } from '../oauth/errors.ts'
import type { AuthorizationRequest } from './request/authorization-request.ts'

/** The next step of an authorization request. */
export type Decision =
  | { next: 'login' }
  | { next: 'select_account'; session: ActiveSession }
  | { next: 'second_factor'; session: ActiveSession; acr: Acr }
  | { next: 'enrol_passkey'; session: ActiveSession }
  | { next: 'consent'; session: ActiveSession }
  | { next: 'reject'; code: OAuthErrorCode; description: string }
  | { next: 'issue'; session: ActiveSession }

/** What `decide` needs to know about passkeys. */
export interface PasskeyFacts {
  /** Whether browsers create passkeys for this server. */
  arePasskeysPossible: boolean
  /** Whether the user has a passkey that is bound to its device; only known where `mentionsDevicePasskey`. */
  hasDevicePasskey: boolean
}

/** Whether a request depends on a passkey that is bound to its device. */
export function mentionsDevicePasskey({ client, acr }: AuthorizationRequest): boolean {
  return minimumAcrOf(client) === 'phrh' || (acr?.values.includes('phrh') ?? false)
}

/**
 * Chooses the next step of an authorization request. It is the only place that does, and it is pure. `interaction` is
 * undefined on the first visit.
 *
 * The conditions are checked in this order: the expected user is signed in, and recently enough; the user chose to
 * continue with this account; the sign-in was strong enough; the user gave consent. A missing condition leads to its page, or is rejected if
 * `prompt=none` forbids pages.
 */
export function decide(
  request: AuthorizationRequest,
  sessionContext: SessionContext | undefined,
  interaction: InteractionResult | undefined,
  now: Date,
  { resolveSubject, ...passkeys }: { resolveSubject: SubjectResolver } & PasskeyFacts,
): Decision {
  const { client, prompt } = request
  const isPromptNone = prompt.has('none')
  // A session of another organisation counts as no session.
  const session = sessionContext?.session.organisationId === client.organisationId ? sessionContext.session : undefined

  const sessionChosen = session !== undefined && interaction?.sessionId === session.id
  const signedInForThisRequest = sessionChosen && interaction.signedInSessionId === session.id
  const subject = session && resolveSubject(client, session.userId)
  const matchesHint = request.hintedSubject === undefined || request.hintedSubject === subject

  if (
    !session ||
    !matchesHint ||
    (!signedInForThisRequest && (prompt.has('login') || isSessionTooOld(session, request, now)))
  ) {
    if (isPromptNone) return reject('login_required', 'The user is not signed in, and prompt=none forbids asking.')
    if (signedInForThisRequest)
      return reject('login_required', 'The user who signed in is not the user that id_token_hint or claims requires.')
    return prompt.has('select_account') && session && !sessionChosen && !prompt.has('login')
      ? { next: 'select_account', session }
      : { next: 'login' }
  }
  if (prompt.has('select_account') && !sessionChosen) return { next: 'select_account', session }

  const strength = decideStrength(request, session, now, passkeys)
  if (strength) return strength

  if (needsConsent(request, sessionContext?.consentedScopes ?? [], interaction)) {
    return isPromptNone
      ? reject(
          'consent_required',
          'The user has not consented to the requested scopes, and prompt=none forbids asking.',
        )
      : { next: 'consent', session }
  }
  return { next: 'issue', session }
}

/** The step that makes the sign-in strong enough; undefined: it is. */
function decideStrength(
  { client, prompt, acr: requested }: AuthorizationRequest,
  session: ActiveSession,
  now: Date,
  { arePasskeysPossible, hasDevicePasskey }: PasskeyFacts,
): Decision | undefined {
  const factors = { mfaMethods: session.user.mfaMethods, hasDevicePasskey }
  const reachable = reachableAcr(factors, arePasskeysPossible)
  const minimum = minimumAcrOf(client)
  const required = requiredAcr(requested, minimum, reachable)
  const reached = reachedAcr(session.methods, client.organisation.authenticationPolicy, now)
  if (reachesAcr(reached, required)) return undefined

  if (prompt.has('none')) {
    if (reached === undefined) {
      return reject('login_required', 'The sign-in is too old, and prompt=none forbids asking.')
    }
    if (!requested?.essential && reachesAcr(reached, minimum)) return undefined
    return reject(
      'unmet_authentication_requirements',
      `The sign-in has not reached the acr '${required}', and prompt=none forbids asking.`,
    )
  }
  if (required === 'pwd') return { next: 'login' }
  if (reachesAcr(reachable.now, required)) return { next: 'second_factor', session, acr: required }
  if (!reachesAcr(reachable.afterEnrolment, required)) {
    return reject('unmet_authentication_requirements', `The user has no factor that reaches the acr '${required}'.`)
  }
  if (required === 'mfa') return { next: 'second_factor', session, acr: required }
  // Adding a passkey needs a recent sign-in.
  return isRecentSignIn(session.authTime, now) ? { next: 'enrol_passkey', session } : { next: 'login' }
}

/** The weakest class that a client gets: its own minimum, or that of its organisation if it is higher. */
function minimumAcrOf({ minimumAcr, organisation }: RegisteredClient): Acr {
  const { minimumAcr: minimum } = organisation.authenticationPolicy
  return minimumAcr !== null && reachesAcr(minimumAcr, minimum) ? minimumAcr : minimum
}

/** What a grant states about the sign-in: the methods, and the class that answers the request. */
export function authenticationOf(
  { client, acr }: Pick<AuthorizationRequest, 'client' | 'acr'>,
  session: ActiveSession,
  now: Date,
): Pick<Grant, 'amr' | 'acr'> {
  const reached = reachedAcr(session.methods, client.organisation.authenticationPolicy, now) ?? 'pwd'
  return { amr: amrOf(session.methods.map(({ method }) => method)), acr: answeredAcr(acr, reached) }
}

function isSessionTooOld(session: ActiveSession, { maxAge }: AuthorizationRequest, now: Date): boolean {
  // Zero requires a sign-in for this request, like prompt=login (OpenID Connect Core §3.1.2.1).
  if (maxAge === 0) return true
  return maxAge !== undefined && now.getTime() - session.authTime.getTime() > maxAge * 1000
}

function needsConsent(
  request: AuthorizationRequest,
  consentedScopes: readonly string[],
  interaction: InteractionResult | undefined,
): boolean {
  const { client, prompt, consentScopes: requestedScopes } = request
  if (interaction?.consented && includesAll(interaction.consentedScopes, requestedScopes)) return false
  if (prompt.has('consent')) return true
  if (client.isFirstParty || !client.requireConsent) return false
  if (!client.rememberConsent) return true
  return !identifiesClient(request) || !includesAll(consentedScopes, requestedScopes)
}

/**
 * Whether the response can reach only this client. Another program on the same computer can receive the redirect of a
 * native client, so an earlier consent does not apply to it (RFC 8252 §8.6).
 */
function identifiesClient(request: AuthorizationRequest): boolean {
  if (request.client.clientType === 'confidential') return true
  return request.channel === 'browser' && request.redirectUri.startsWith('https:')
}

function includesAll(grantedScopes: readonly string[], requestedScopes: readonly string[]): boolean {
  return requestedScopes.every((scope) => grantedScopes.includes(scope))
}

function reject(code: OAuthErrorCode, description: string): Decision {
  return { next: 'reject', code, description }
}
