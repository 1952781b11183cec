import { createAuditEvent } from '../../audit/catalogue.ts'
import { toEmailKey, type UserCredentials } from '../../model/users/user.ts'
import { passkeyMethod } from '../../oauth/authentication-methods.ts'
import type { AssertionResponse } from '../factors/passkey/webauthn.ts'
import {
  reasonForUnavailability,
  startSession,
  type SignInAttempt,
  type SignInOptions,
  type SignInResult,
} from '../sign-in.ts'
import { provePasskey, type PasskeyServices } from './prove-passkey.ts'

export type PasskeySignInServices = SignInOptions & PasskeyServices

export type PasskeySignInAttempt = Pick<
  SignInAttempt,
  'network' | 'origin' | 'previousCookie' | 'deviceCookie' | 'staySignedIn' | 'pendingRequest'
> & { browserId: string; assertion: AssertionResponse }

/** `expired`: the page was open for too long, or belongs to another browser. Nothing is recorded. */
export type PasskeySignInResult = Exclude<SignInResult, { outcome: 'second_factor_due' }> | { outcome: 'expired' }

/**
 * Signs a user in with a passkey alone. It counts as several factors, because the authenticator has verified the user.
 * Throws `TooManyRequests`.
 */
export async function signInWithPasskey(
  attempt: PasskeySignInAttempt,
  services: PasskeySignInServices,
): Promise<PasskeySignInResult> {
  await services.limits.address.consume(attempt.network)
  const result = await verifyPasskeySignIn(attempt, services)
  if (result.outcome !== 'expired') services.onOutcome(result.outcome)
  return result
}

async function verifyPasskeySignIn(
  attempt: PasskeySignInAttempt,
  services: PasskeySignInServices,
): Promise<PasskeySignInResult> {
  const { clock, users, passkeys, auditEvents } = services
  const { assertion, browserId, origin, pendingRequest } = attempt
  const proof = await provePasskey(services, assertion, { browserId, requestMetadata: origin })
  if (proof.outcome === 'expired') return { outcome: 'expired' }

  const wanted = pendingRequest?.organisationId
  const credentials = proof.passkey && (await users.findCredentials(toEmailKey(proof.passkey.email), wanted))
  const recordFailure = (reason: string) =>
    auditEvents.record(
      createAuditEvent(clock, 'user.login.failed', {
        organisationId: credentials?.organisation.id ?? wanted,
        userId: proof.passkey?.userId,
        requestMetadata: origin,
        metadata: { reason },
      }),
    )
  const rejection =
    proof.outcome === 'rejected' ? proof.reason : reasonOfOther(credentials, proof.passkey.userId, wanted)
  if (rejection !== undefined || proof.outcome === 'rejected' || !credentials) {
    await recordFailure(rejection ?? 'unknown_account')
    return { outcome: 'wrong_credentials' }
  }
  const unavailable = reasonForUnavailability(credentials)
  if (unavailable !== undefined) {
    await recordFailure(unavailable)
    return { outcome: 'unavailable', reason: unavailable }
  }
  if (!(await passkeys.use(proof.use))) {
    await recordFailure('cloned_passkey')
    return { outcome: 'wrong_credentials' }
  }
  return startSession(credentials, attempt, services, [passkeyMethod(proof.passkey)])
}

/** Why a passkey that is right does not sign in to this organisation; undefined: it does. */
function reasonOfOther(credentials: UserCredentials | undefined, userId: string, wanted: string | undefined) {
  if (credentials?.user.id !== userId) return 'unknown_account'
  return wanted !== undefined && wanted !== credentials.organisation.id ? 'other_organisation' : undefined
}
