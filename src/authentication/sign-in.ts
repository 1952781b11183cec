// `authentication` owns signing users in: verifying the password, rate limits per address and account, and sessions.
// `factors/` holds one folder per authentication factor.
// Routes and pages belong to `account`; pending authorization requests belong to `authorize`.

import type { Clock } from '../lib/time/clock.ts'
import { randomToken, uuidv7 } from '../lib/crypto/random.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import { hashCookie } from '../http/request/cookies.ts'
import type { AttemptRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { sessionLifetimeOf } from '../model/organisations/organisation.ts'
import type { AuditEventRecorder, SessionRepository } from '../model/sessions/session.ts'
import { toEmailKey, type UserCredentials, type UserRepository } from '../model/users/user.ts'
import type { KnownDevices } from './known-devices.ts'
import { passwordGuesses } from './factors/password/password-guesses.ts'
import type { Passwords } from './factors/password/passwords.ts'

export interface SignInOptions {
  clock: Clock
  users: Pick<UserRepository, 'findCredentials' | 'replacePasswordHash'>
  sessions: Pick<SessionRepository, 'signIn'>
  auditEvents: AuditEventRecorder
  passwords: Passwords
  knownDevices: KnownDevices
  limits: SignInLimits
  /** Called with the outcome of each attempt that was not rate-limited. */
  onOutcome: (outcome: SignInResult['outcome']) => void
}

/** What is counted of sign-ins. An attempt counts before the password is verified, and is forgotten after a success. */
export interface SignInLimits {
  /** By network. */
  address: AttemptRateLimiter
  /** By account and network, for browsers that are not known. */
  account: AttemptRateLimiter
  /** By account, from all networks together, for browsers that are not known. */
  accountOverall: AttemptRateLimiter
  /** By account and browser, for known browsers. */
  device: AttemptRateLimiter
}

export interface SignInAttempt {
  email: string
  password: string
  /** The network of the client, by which attempts are limited (`lib/network-address`). */
  network: string
  origin: RequestMetadata
  /** The session cookie of the browser, if any. */
  previousCookie: string | undefined
  /** The device cookie of the browser, if any. */
  deviceCookie: string | undefined
  /** Whether the user asks to stay signed in. It has an effect where the organisation offers it. */
  staySignedIn?: boolean
  /** The pending authorization request, and the organisation whose users may answer it. */
  pendingRequest: { id: string; organisationId: string } | undefined
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

export type UnavailabilityReason = 'blocked' | 'membership_suspended' | 'organisation_closed'

/** `unavailable`: the password is right, but the account is blocked, or its membership or organisation is not active. */
export type SignInResult =
  | {
      outcome: 'signed_in'
      cookie: string
      deviceCookie: string
      /** Seconds until the session ends. */
      sessionLifetime: number
      credentials: UserCredentials
    }
  | { outcome: 'wrong_credentials' }
  | { outcome: 'unavailable'; reason: UnavailabilityReason }

/**
 * Signs a user in. An unknown email address, a wrong password, and an account of another organisation than that of the
 * pending request have the same result after the same time. Throws `TooManyRequests`.
 */
export async function signIn(attempt: SignInAttempt, options: SignInOptions): Promise<SignInResult> {
  const result = await verifySignIn(attempt, options)
  options.onOutcome(result.outcome)
  return result
}

async function verifySignIn(attempt: SignInAttempt, options: SignInOptions): Promise<SignInResult> {
  const { clock, users, auditEvents, passwords, knownDevices, limits } = options
  const key = toEmailKey(attempt.email)
  const accountKey = sha256(key).toString('base64url')
  // Counted before the password is verified, so that concurrent attempts cannot exceed the limit. An attempt that the
  // limit by IP address rejects does not count for the account.
  await limits.address.consume(attempt.network)
  const device = knownDevices.find(attempt.deviceCookie, accountKey)
  const credentials = await users.findCredentials(key, attempt.pendingRequest?.organisationId)
  const guesses = passwordGuesses(key, credentials?.passwordHash ?? null)
  // The attempts of strangers do not count for a known browser, so that they cannot lock its user out.
  const counted = device === undefined ? `${guesses} ${attempt.network}` : `${guesses} ${device}`
  await (device === undefined ? limits.account : limits.device).consume(counted)
  if (device === undefined) await limits.accountOverall.consume(guesses)

  const { correct, outdated } = await passwords.verify(
    credentials?.passwordHash ?? null,
    attempt.password,
    attempt.signal,
  )
  const isOtherOrganisation =
    attempt.pendingRequest !== undefined && attempt.pendingRequest.organisationId !== credentials?.organisation.id
  const eventDetails = {
    organisationId: credentials?.organisation.id ?? attempt.pendingRequest?.organisationId,
    requestMetadata: attempt.origin,
    userId: credentials?.user.id,
  }
  const recordFailure = async (reason: string) => {
    await auditEvents.record(createAuditEvent(clock, 'user.login.failed', { ...eventDetails, metadata: { reason } }))
  }
  if (!credentials || !correct || isOtherOrganisation) {
    await recordFailure(credentials ? (correct ? 'other_organisation' : 'wrong_password') : 'unknown_account')
    return { outcome: 'wrong_credentials' }
  }
  const unavailable = reasonForUnavailability(credentials)
  if (unavailable !== undefined) {
    await recordFailure(unavailable)
    return { outcome: 'unavailable', reason: unavailable }
  }
  await (device === undefined ? limits.account : limits.device).reset(counted)
  if (device === undefined) await limits.accountOverall.reset(guesses)
  if (outdated && credentials.passwordHash !== null) {
    await users.replacePasswordHash(credentials.user, credentials.passwordHash, await passwords.hash(attempt.password))
  }
  return startSession(credentials, attempt, options)
}

/** Starts the session of a user whose password has just been verified or set, and records the sign-in. */
export async function startSession(
  credentials: UserCredentials,
  attempt: Pick<SignInAttempt, 'origin' | 'previousCookie' | 'deviceCookie' | 'staySignedIn' | 'pendingRequest'>,
  { clock, sessions, knownDevices }: Pick<SignInOptions, 'clock' | 'sessions' | 'knownDevices'>,
): Promise<Extract<SignInResult, { outcome: 'signed_in' }>> {
  const now = clock.now()
  const { organisation } = credentials
  const remembered = attempt.staySignedIn === true && organisation.staySignedInLifetime !== null
  const cookie = randomToken()
  await sessions.signIn(
    {
      newSessionId: uuidv7(now),
      tokenHash: hashCookie(cookie),
      credentials,
      amr: ['pwd'],
      ipAddress: attempt.origin.ipAddress,
      userAgent: attempt.origin.userAgent,
      now,
      previousTokenHash: attempt.previousCookie === undefined ? undefined : hashCookie(attempt.previousCookie),
      remembered,
      authorizationRequestId: attempt.pendingRequest?.id,
    },
    createAuditEvent(clock, 'user.login.success', {
      organisationId: credentials.organisation.id,
      requestMetadata: attempt.origin,
      userId: credentials.user.id,
    }),
  )
  const accountKey = sha256(toEmailKey(credentials.user.email)).toString('base64url')
  const deviceCookie = knownDevices.remember(attempt.deviceCookie, accountKey)
  const sessionLifetime = sessionLifetimeOf(organisation, remembered)
  return { outcome: 'signed_in', cookie, deviceCookie, sessionLifetime, credentials }
}

function reasonForUnavailability({
  blocked,
  isMember,
  organisation,
}: UserCredentials): UnavailabilityReason | undefined {
  if (blocked) return 'blocked'
  if (!isMember) return 'membership_suspended'
  return organisation.isActive ? undefined : 'organisation_closed'
}
