import type { Subjects } from '../clients/subject.ts'
import type { Answers } from '../model/authorization-request.ts'
import type { BrowserState, LiveSession } from '../model/session.ts'
import type { OAuthErrorCode } from '../oauth/errors.ts'
import type { AuthorizationRequest } from './request.ts'

/** What comes next for an authorization request. */
export type Decision =
  | { next: 'login' }
  | { next: 'select_account'; session: LiveSession }
  | { next: 'consent'; session: LiveSession }
  | { next: 'refuse'; code: OAuthErrorCode; description: string }
  | { next: 'issue'; session: LiveSession }

/** What the person has done for this very request, and when it began. */
export type Progress = Answers & { createdAt: Date }

/**
 * The one place that says what comes next, from nothing but what is known. `progress` is absent on the first visit.
 *
 * In this order: somebody is signed in (and recently enough, and the one who is meant), they chose to go on as
 * themselves, they agreed. Whatever is missing is asked for, or refused when nothing may be asked.
 */
export function decide(
  request: AuthorizationRequest,
  browser: BrowserState | undefined,
  progress: Progress | undefined,
  now: Date,
  subjects: Subjects,
): Decision {
  const { client, prompt } = request
  const silent = prompt.has('none')
  // People of other organisations do not exist here.
  const session = browser?.session.organisationId === client.organisationId ? browser.session : undefined

  const chosen = session !== undefined && progress?.sessionId === session.id
  const signedInForThis = chosen && session.authTime >= progress.createdAt
  const subject = session && subjects(client, session.userId)
  const hinted = request.hintedSubject === undefined || request.hintedSubject === subject

  if (!session || !hinted || (!signedInForThis && (prompt.has('login') || isTooOld(session, request, now)))) {
    if (silent) return refuse('login_required', 'Nobody is signed in who could be answered for without asking.')
    if (signedInForThis) return refuse('login_required', 'Somebody else signed in than the one id_token_hint is about.')
    return prompt.has('select_account') && session && !chosen && !prompt.has('login')
      ? { next: 'select_account', session }
      : { next: 'login' }
  }
  if (prompt.has('select_account') && !chosen) return { next: 'select_account', session }

  if (needsConsent(request, browser?.consentedScopes ?? [], progress)) {
    return silent ? refuse('consent_required', 'The person has not agreed to this yet.') : { next: 'consent', session }
  }
  return { next: 'issue', session }
}

function isTooOld(session: LiveSession, { maxAge }: AuthorizationRequest, now: Date): boolean {
  // Zero asks for a sign-in for this very request, like prompt=login (OpenID Connect Core §3.1.2.1).
  if (maxAge === 0) return true
  return maxAge !== undefined && now.getTime() - session.authTime.getTime() > maxAge * 1000
}

function needsConsent(
  { client, prompt, redirectUri, consentScopes: wanted }: AuthorizationRequest,
  consentedScopes: readonly string[],
  progress: Progress | undefined,
): boolean {
  if (progress?.consented && includesAll(progress.consentedScopes, wanted)) return false
  if (prompt.has('consent')) return true
  if (client.isFirstParty || !client.requireConsent) return false
  if (!client.rememberConsent) return true
  // Any program on the device can take a native client's redirect, so its old consent is not its own (RFC 8252 §8.6).
  const assured = client.clientType === 'confidential' || redirectUri.startsWith('https:')
  return !assured || !includesAll(consentedScopes, wanted)
}

function includesAll(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((scope) => held.includes(scope))
}

function refuse(code: OAuthErrorCode, description: string): Decision {
  return { next: 'refuse', code, description }
}
