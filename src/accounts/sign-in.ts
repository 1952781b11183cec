// `accounts` owns who consents: signing in and out, the browser's session, and a person's own profile. It knows of
// authorization requests only that one may be waiting; going on with it is `authorize`'s business.

import type { Clock } from '../lib/clock.ts'
import { randomToken, uuidv7 } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'
import { securityEvent } from '../events/catalogue.ts'
import { hashCookie } from '../http/cookies.ts'
import type { AttemptLimit } from '../http/limits.ts'
import type { EventOrigin } from '../model/security-event.ts'
import type { EventRecorder, SessionRepository } from '../model/session.ts'
import { emailKey, type Credentials, type UserRepository } from '../model/user.ts'
import type { Passwords } from './passwords.ts'

export interface SignInOptions {
  clock: Clock
  users: Pick<UserRepository, 'findCredentials' | 'replacePasswordHash'>
  sessions: Pick<SessionRepository, 'signIn'>
  events: EventRecorder
  passwords: Passwords
  /** Attempts by address, and failures by account. */
  limits: { address: AttemptLimit; account: AttemptLimit }
  /** Told how each attempt that was judged came out. */
  onOutcome: (outcome: SignInResult['outcome']) => void
}

export interface SignInAttempt {
  email: string
  password: string
  origin: EventOrigin
  /** The session cookie that the browser holds, if any. */
  previousCookie: string | undefined
  /** The waiting authorization request, and the only organisation whose people may answer it. */
  waiting: { id: string; organisationId: string } | undefined
  /** Aborted when nobody waits for the outcome any more. */
  abandoned: AbortSignal
}

/** `unavailable`: the password is right, but the account is blocked or its organisation closed. */
export type SignInResult =
  | { outcome: 'signed_in'; cookie: string; credentials: Credentials }
  | { outcome: 'wrong_credentials' }
  | { outcome: 'unavailable' }

/**
 * Signs a person in. An unknown address, a wrong password and an account of another organisation than the waiting
 * request's are one and the same answer, in the same time. Throws `TooManyRequests`.
 */
export async function signIn(attempt: SignInAttempt, options: SignInOptions): Promise<SignInResult> {
  const result = await judge(attempt, options)
  options.onOutcome(result.outcome)
  return result
}

async function judge(attempt: SignInAttempt, options: SignInOptions): Promise<SignInResult> {
  const { clock, users, sessions, events, passwords, limits } = options
  const key = emailKey(attempt.email)
  const account = sha256(key).toString('base64url')
  // Counted before it is known to be wrong: attempts made at the same time, anywhere, must not all slip through. One that
  // the address is refused does not count against the account.
  await limits.address.take(attempt.origin.ipAddress)
  await limits.account.take(account)

  const credentials = await users.findCredentials(key)
  const { correct, outdated } = await passwords.verify(
    credentials?.passwordHash ?? null,
    attempt.password,
    attempt.abandoned,
  )
  const foreign = attempt.waiting !== undefined && attempt.waiting.organisationId !== credentials?.user.organisationId
  const now = clock.now()
  const facts = {
    organisationId: credentials?.user.organisationId ?? attempt.waiting?.organisationId,
    origin: attempt.origin,
    userId: credentials?.user.id,
  }
  const fail = async (reason: string) => {
    await events.record(securityEvent(clock, 'user.login.failed', { ...facts, metadata: { reason } }))
  }
  if (!credentials || !correct || foreign) {
    await fail(credentials ? (correct ? 'other_organisation' : 'wrong_password') : 'unknown_account')
    return { outcome: 'wrong_credentials' }
  }
  if (credentials.blocked || !credentials.organisation.open) {
    await fail(credentials.blocked ? 'blocked' : 'organisation_closed')
    return { outcome: 'unavailable' }
  }
  await limits.account.clear(account)
  if (outdated && credentials.passwordHash !== null) {
    await users.replacePasswordHash(credentials.user, credentials.passwordHash, await passwords.hash(attempt.password))
  }
  const cookie = randomToken()
  await sessions.signIn(
    {
      sessionId: uuidv7(now),
      tokenHash: hashCookie(cookie),
      credentials,
      amr: ['pwd'],
      ipAddress: attempt.origin.ipAddress,
      userAgent: attempt.origin.userAgent,
      now,
      previousTokenHash: attempt.previousCookie === undefined ? undefined : hashCookie(attempt.previousCookie),
      authorizationRequestId: attempt.waiting?.id,
    },
    securityEvent(clock, 'user.login.success', facts),
  )
  return { outcome: 'signed_in', cookie, credentials }
}
