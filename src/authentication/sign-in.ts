// `authentication` owns signing users in: verifying the password, rate limits per address and account, and sessions.
// `factors/` holds one folder per authentication factor.
// Routes and pages belong to `account`; pending authorization requests belong to `authorize`.

import { randomToken, uuidv7 } from '../lib/crypto/random.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import { hashCookie } from '../http/request/cookies.ts'
import type { AttemptRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { sessionLifetimeOf } from '../model/organisations/organisation.ts'
import type { AuditEventRecorder, SessionRepository } from '../model/sessions/session.ts'
import { toEmailKey, type UserCredentials, type UserRepository } from '../model/users/user.ts'
import type { AuthenticationMethod } from '../oauth/authentication-methods.ts'
import type { KnownDevices } from './known-devices.ts'
import { passwordGuesses } from './factors/password/password-guesses.ts'
import type { Passwords } from './factors/password/passwords.ts'
import { proveSecondFactor, type SecondFactorServices } from './second-factor/prove-second-factor.ts'

export interface SignInOptions extends SecondFactorServices {
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
  /** A code of the authenticator app or a recovery code, for users who send it with the password. */
  secondFactorCode?: string | undefined
  /** The pending authorization request, and the organisation whose users may answer it. */
  pendingRequest: { id: string; organisationId: string } | undefined
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

export type UnavailabilityReason = 'blocked' | 'membership_suspended' | 'organisation_closed'

/** Whether a user must prove a second factor that they have, or set one up because their organisation requires it. */
export type DueSecondFactor = 'verify' | 'enrol'

/**
 * `unavailable`: the password is right, but the account is blocked, or its membership or organisation is not active.
 * `second_factor_due`: the password is right, and no session was started. `codeRejected`: a code was sent and is wrong.
 */
export type SignInResult =
  | {
      outcome: 'signed_in'
      cookie: string
      deviceCookie: string
      /** Seconds until the session ends. */
      sessionLifetime: number
      credentials: UserCredentials
    }
  | { outcome: 'second_factor_due'; due: DueSecondFactor; codeRejected: boolean; credentials: UserCredentials }
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
  const { clock, users, auditEvents, passwords, limits, secondFactors } = options
  const key = toEmailKey(attempt.email)
  // Counted before the password is verified, so that concurrent attempts cannot exceed the limit. An attempt that the
  // limit by IP address rejects does not count for the account.
  await limits.address.consume(attempt.network)
  const credentials = await users.findCredentials(key, attempt.pendingRequest?.organisationId)
  for (const { limiter, subject } of accountLimits(key, credentials?.passwordHash ?? null, attempt, options))
    await limiter.consume(subject)

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
  if (outdated && credentials.passwordHash !== null) {
    await users.replacePasswordHash(credentials.user, credentials.passwordHash, await passwords.hash(attempt.password))
  }
  const due = dueSecondFactor(credentials)
  if (due === undefined) {
    await forgetAttempts(credentials, attempt, options)
    return startSession(credentials, attempt, options, ['password'])
  }
  // The attempts are forgotten when the second factor is proven, too.
  const code = attempt.secondFactorCode
  if (due === 'enrol' || code === undefined) {
    return { outcome: 'second_factor_due', due, codeRejected: false, credentials }
  }
  const { user } = credentials
  const proven = await proveSecondFactor(options, user, code, (proof) => secondFactors.use(user, proof, clock.now()))
  if (!proven) {
    await recordFailure('wrong_second_factor')
    return { outcome: 'second_factor_due', due, codeRejected: true, credentials }
  }
  await forgetAttempts(credentials, attempt, options)
  return startSession(credentials, attempt, options, ['password', proven.method])
}

/** Which second factor a user must prove after the password; undefined: none. */
export function dueSecondFactor({ mfaMethods, organisation }: UserCredentials): DueSecondFactor | undefined {
  // A passkey signs in by itself. Beside a password it is asked for only where the organisation requires a second factor.
  if (mfaMethods.includes('totp')) return 'verify'
  if (!organisation.requireMfa) return undefined
  return mfaMethods.length > 0 ? 'verify' : 'enrol'
}

/** Deletes the counts of attempts at an account, after a sign-in. */
export async function forgetAttempts(
  { user, passwordHash }: UserCredentials,
  attempt: Pick<SignInAttempt, 'network' | 'deviceCookie'>,
  options: Pick<SignInOptions, 'knownDevices' | 'limits'>,
): Promise<void> {
  for (const { limiter, subject } of accountLimits(toEmailKey(user.email), passwordHash, attempt, options))
    await limiter.reset(subject)
}

/** The limits that an attempt at an account counts for, beside that of its network. */
function accountLimits(
  emailKey: string,
  passwordHash: string | null,
  { network, deviceCookie }: Pick<SignInAttempt, 'network' | 'deviceCookie'>,
  { knownDevices, limits }: Pick<SignInOptions, 'knownDevices' | 'limits'>,
): { limiter: AttemptRateLimiter; subject: string }[] {
  const device = knownDevices.find(deviceCookie, sha256(emailKey).toString('base64url'))
  const guesses = passwordGuesses(emailKey, passwordHash)
  // The attempts of strangers do not count for a known browser, so that they cannot lock its user out.
  if (device !== undefined) return [{ limiter: limits.device, subject: `${guesses} ${device}` }]
  return [
    { limiter: limits.account, subject: `${guesses} ${network}` },
    { limiter: limits.accountOverall, subject: guesses },
  ]
}

/** Starts the session of a user who has proven these methods, or has just set the password, and records the sign-in. */
export async function startSession(
  credentials: UserCredentials,
  attempt: Pick<SignInAttempt, 'origin' | 'previousCookie' | 'deviceCookie' | 'staySignedIn' | 'pendingRequest'>,
  { clock, sessions, knownDevices }: Pick<SignInOptions, 'clock' | 'sessions' | 'knownDevices'>,
  methods: readonly AuthenticationMethod[],
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
      methods,
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

/** Why a user whose password is right cannot sign in; undefined: they can. */
export function reasonForUnavailability({
  blocked,
  isMember,
  organisation,
}: UserCredentials): UnavailabilityReason | undefined {
  if (blocked) return 'blocked'
  if (!isMember) return 'membership_suspended'
  return organisation.isActive ? undefined : 'organisation_closed'
}
