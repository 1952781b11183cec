import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { InteractionResult } from '../model/authorization/pending-authorization-request.ts'
import type { SessionContext, ActiveSession } from '../model/sessions/session.ts'
import type { OAuthErrorCode } from '../oauth/errors.ts'
import type { AuthorizationRequest } from './request/authorization-request.ts'

/** What comes next for an authorization request. */
export type Decision =
  | { next: 'login' }
  | { next: 'select_account'; session: ActiveSession }
  | { next: 'consent'; session: ActiveSession }
  | { next: 'refuse'; code: OAuthErrorCode; description: string }
  | { next: 'issue'; session: ActiveSession }

/** What the person has done for this very request, and when it began. */
export type InteractionProgress = InteractionResult & { createdAt: Date }

/**
 * The one place that says what comes next, from nothing but what is known. `progress` is absent on the first visit.
 *
 * In this order: somebody is signed in (and recently enough, and the one who is meant), they chose to go on as
 * themselves, they agreed. Whatever is missing is asked for, or refused when nothing may be asked.
 */
export function decide(
  request: AuthorizationRequest,
  sessionContext: SessionContext | undefined,
  interaction: InteractionProgress | undefined,
  now: Date,
  resolveSubject: SubjectResolver,
): Decision {
  const { client, prompt } = request
  const isPromptNone = prompt.has('none')
  // People of other organisations do not exist here.
  const session = sessionContext?.session.organisationId === client.organisationId ? sessionContext.session : undefined

  const sessionChosen = session !== undefined && interaction?.sessionId === session.id
  const signedInForThisRequest = sessionChosen && session.authTime >= interaction.createdAt
  const subject = session && resolveSubject(client, session.userId)
  const matchesHint = request.hintedSubject === undefined || request.hintedSubject === subject

  if (
    !session ||
    !matchesHint ||
    (!signedInForThisRequest && (prompt.has('login') || isSessionTooOld(session, request, now)))
  ) {
    if (isPromptNone) return reject('login_required', 'Nobody is signed in who could be answered for without asking.')
    if (signedInForThisRequest)
      return reject('login_required', 'Somebody else signed in than the one id_token_hint is about.')
    return prompt.has('select_account') && session && !sessionChosen && !prompt.has('login')
      ? { next: 'select_account', session }
      : { next: 'login' }
  }
  if (prompt.has('select_account') && !sessionChosen) return { next: 'select_account', session }

  if (needsConsent(request, sessionContext?.consentedScopes ?? [], interaction)) {
    return isPromptNone
      ? reject('consent_required', 'The person has not agreed to this yet.')
      : { next: 'consent', session }
  }
  return { next: 'issue', session }
}

function isSessionTooOld(session: ActiveSession, { maxAge }: AuthorizationRequest, now: Date): boolean {
  // Zero asks for a sign-in for this very request, like prompt=login (OpenID Connect Core §3.1.2.1).
  if (maxAge === 0) return true
  return maxAge !== undefined && now.getTime() - session.authTime.getTime() > maxAge * 1000
}

function needsConsent(
  { client, prompt, redirectUri, consentScopes: requestedScopes }: AuthorizationRequest,
  consentedScopes: readonly string[],
  interaction: InteractionProgress | undefined,
): boolean {
  if (interaction?.consented && includesAll(interaction.consentedScopes, requestedScopes)) return false
  if (prompt.has('consent')) return true
  if (client.isFirstParty || !client.requireConsent) return false
  if (!client.rememberConsent) return true
  // Any program on the device can take a native client's redirect, so its old consent is not its own (RFC 8252 §8.6).
  const redirectIsBoundToClient = client.clientType === 'confidential' || redirectUri.startsWith('https:')
  return !redirectIsBoundToClient || !includesAll(consentedScopes, requestedScopes)
}

function includesAll(grantedScopes: readonly string[], requestedScopes: readonly string[]): boolean {
  return requestedScopes.every((scope) => grantedScopes.includes(scope))
}

function reject(code: OAuthErrorCode, description: string): Decision {
  return { next: 'refuse', code, description }
}
