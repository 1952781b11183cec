import { Problem } from '../../http/errors/problem.ts'
import { isRecentSignIn, RECENT_SIGN_IN_SECONDS } from './recent-sign-in.ts'

/** Throws the challenge of RFC 9470 §3 unless the caller has signed in recently: the user signs in again, then repeats the request. */
export function requireRecentSignIn(
  { authTime, mfaMethods }: { authTime?: Date | undefined; mfaMethods?: readonly string[] | undefined },
  now: Date,
): void {
  if (authTime !== undefined && isRecentSignIn(authTime, now)) return
  const error = 'insufficient_user_authentication'
  const detail = `Sign in again: this needs a sign-in within the last ${RECENT_SIGN_IN_SECONDS / 60} minutes.`
  // With an authenticator app, a new sign-in needs its code.
  const acrValues = mfaMethods?.includes('totp') ? 'mfa' : undefined
  const parameters = [
    `error="${error}"`,
    `error_description="${detail}"`,
    ...(acrValues === undefined ? [] : [`acr_values="${acrValues}"`]),
    `max_age="${RECENT_SIGN_IN_SECONDS}"`,
  ]
  throw new Problem(401, 'unauthorized', detail, {
    headers: { 'www-authenticate': `Bearer ${parameters.join(', ')}` },
    extensions: { error, ...(acrValues && { acr_values: acrValues }), max_age: RECENT_SIGN_IN_SECONDS },
  })
}
