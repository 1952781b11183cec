import { createAuditEvent } from '../../audit/catalogue.ts'
import { hashCookie } from '../../http/request/cookies.ts'
import { equalInConstantTime, sha256 } from '../../lib/crypto/hash.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import type { FoundPendingSignIn, PendingSignInRepository } from '../../model/second-factors/pending-sign-in.ts'
import type { ActiveSession, SessionRepository } from '../../model/sessions/session.ts'
import { toEmailKey, type UserCredentials } from '../../model/users/user.ts'
import type { Acr } from '../../oauth/acr.ts'
import { passkeyMethod, type AuthenticationMethod } from '../../oauth/authentication-methods.ts'
import type { AssertionResponse } from '../factors/passkey/webauthn.ts'
import { provePasskey, type PasskeyServices } from '../passkeys/prove-passkey.ts'
import {
  forgetAttempts,
  reasonForUnavailability,
  startSession,
  type SignInAttempt,
  type SignInOptions,
  type SignInResult,
} from '../sign-in.ts'
import { composeSecondFactorNotice, type RecoveryServices } from '../recovery/mailed-links.ts'
import { createSealedTotpSecret, proveNewTotp } from './enrol-totp.ts'
import { proveSecondFactor } from './prove-second-factor.ts'

export interface PendingSignInServices extends SignInOptions, RecoveryServices, PasskeyServices {
  pendingSignIns: PendingSignInRepository
  sessions: Pick<SessionRepository, 'signIn' | 'addMethods'>
}

/** Within this time the second factor must be proven. */
const PENDING_SIGN_IN_LIFETIME_SECONDS = 600

/** Stores a sign-in of this browser whose password was right, until the second factor is proven. Returns its id. */
export async function storePendingSignIn(
  services: PendingSignInServices,
  { credentials, due }: Extract<SignInResult, { outcome: 'second_factor_due' }>,
  attempt: Pick<SignInAttempt, 'staySignedIn' | 'pendingRequest'>,
  browserId: string,
): Promise<string> {
  return store(services, browserId, {
    organisationId: credentials.organisation.id,
    userId: credentials.user.id,
    sessionId: null,
    authorizationRequestId: attempt.pendingRequest?.id ?? null,
    passwordHashDigest: digestOf(credentials),
    staySignedIn: attempt.staySignedIn === true,
    newTotpSecret: due === 'enrol' ? createSealedTotpSecret(services, credentials.user.id) : null,
    requiredAcr: null,
  })
}

/** The same for a session that must reach a class before an authorization request continues (step-up, RFC 9470). */
export async function storeStepUp(
  services: PendingSignInServices,
  session: ActiveSession,
  authorizationRequestId: string,
  requiredAcr: Acr,
  browserId: string,
): Promise<string> {
  return store(services, browserId, {
    organisationId: session.organisationId,
    userId: session.userId,
    sessionId: session.id,
    authorizationRequestId,
    passwordHashDigest: null,
    staySignedIn: false,
    newTotpSecret: session.user.mfaMethods.length === 0 ? createSealedTotpSecret(services, session.userId) : null,
    requiredAcr,
  })
}

async function store(
  { clock, pendingSignIns }: PendingSignInServices,
  browserId: string,
  signIn: Omit<
    Parameters<PendingSignInRepository['create']>[0],
    'id' | 'browserCookieHash' | 'createdAt' | 'expiresAt'
  >,
): Promise<string> {
  const id = randomToken()
  const createdAt = clock.now()
  const expiresAt = addSeconds(createdAt, PENDING_SIGN_IN_LIFETIME_SECONDS)
  await pendingSignIns.create({ ...signIn, id, browserCookieHash: hashCookie(browserId), createdAt, expiresAt })
  return id
}

/**
 * `void`: the sign-in must start again, because the account, its password or the session has changed. With recovery codes,
 * the user has just set up the factor.
 */
export type SignInCompletion =
  | { outcome: 'signed_in'; session: Extract<SignInResult, { outcome: 'signed_in' }>; recoveryCodes?: string[] }
  | { outcome: 'stepped_up'; recoveryCodes?: string[] }
  | { outcome: 'wrong_code' }
  | { outcome: 'wrong_passkey' }
  | { outcome: 'void' }

/** A code of the app or a recovery code, or the assertion of a passkey in this browser. */
export type ProofOfFactor = { code: string } | { assertion: AssertionResponse; browserId: string }

/** Whether only a passkey reaches the class that a pending sign-in needs. */
export function needsPasskey({ requiredAcr }: Pick<FoundPendingSignIn, 'requiredAcr'>): boolean {
  return requiredAcr === 'phr' || requiredAcr === 'phrh'
}

/** Completes a pending sign-in. Throws `TooManyRequests`. */
export async function completeSignIn(
  pending: FoundPendingSignIn,
  proof: ProofOfFactor,
  attempt: Pick<SignInAttempt, 'origin' | 'previousCookie' | 'deviceCookie' | 'network'>,
  services: PendingSignInServices,
): Promise<SignInCompletion> {
  const { clock, auditEvents, sessions } = services
  const credentials = await findUnchangedCredentials(pending, services)
  if (!credentials) return { outcome: 'void' }

  const facts = { organisationId: pending.organisationId, userId: pending.userId, requestMetadata: attempt.origin }
  const proven =
    'code' in proof
      ? await proveByCode(pending, proof.code, { ...facts, organisation: credentials.organisation.name }, services)
      : await proveByPasskey(pending, proof, attempt.origin, services)
  if (!proven) {
    const type = pending.sessionId === null ? 'user.login.failed' : 'user.step_up.failed'
    await auditEvents.record(createAuditEvent(clock, type, { ...facts, metadata: { reason: 'wrong_second_factor' } }))
    return { outcome: 'code' in proof ? 'wrong_code' : 'wrong_passkey' }
  }
  const { method, ...more } = proven
  if (pending.sessionId !== null) {
    const resource = { type: 'session', id: pending.sessionId }
    const session = { id: pending.sessionId, userId: pending.userId, organisationId: pending.organisationId }
    const event = createAuditEvent(clock, 'user.step_up.success', { ...facts, resource })
    const isActive = await sessions.addMethods(session, [method], event)
    return isActive ? { outcome: 'stepped_up', ...more } : { outcome: 'void' }
  }
  await forgetAttempts(credentials, attempt, services)
  const { authorizationRequestId: id, organisationId, staySignedIn } = pending
  const pendingRequest = id === null ? undefined : { id, organisationId }
  const started = { ...attempt, staySignedIn, pendingRequest }
  const session = await startSession(credentials, started, services, ['password', method])
  services.onOutcome(session.outcome)
  return { outcome: 'signed_in', session, ...more }
}

/** The method that was proven beside the password, and the recovery codes of a new factor. */
interface ProvenFactor {
  method: AuthenticationMethod
  recoveryCodes?: string[]
}

/** Undefined if the passkey is not one of the user or is too weak, or its assertion is not valid. */
async function proveByPasskey(
  pending: FoundPendingSignIn,
  { assertion, browserId }: Extract<ProofOfFactor, { browserId: string }>,
  requestMetadata: SignInAttempt['origin'],
  services: PendingSignInServices,
): Promise<ProvenFactor | undefined> {
  const proof = await provePasskey(services, assertion, { browserId, requestMetadata })
  if (proof.outcome !== 'proven' || proof.passkey.userId !== pending.user.id) return undefined
  const method = passkeyMethod(proof.passkey)
  if (pending.requiredAcr === 'phrh' && method !== 'device_passkey') return undefined
  const isProven = await services.pendingSignIns.complete(pending, proof.use, undefined, services.clock.now())
  return isProven ? { method } : undefined
}

/** Undefined if the code is wrong. */
async function proveByCode(
  pending: FoundPendingSignIn,
  code: string,
  {
    organisation,
    ...facts
  }: Pick<Parameters<typeof createAuditEvent>[2], 'userId' | 'requestMetadata'> & {
    organisation: string
  },
  services: PendingSignInServices,
): Promise<ProvenFactor | undefined> {
  const { clock, pendingSignIns } = services
  const { user, newTotpSecret } = pending
  if (needsPasskey(pending)) return undefined
  if (newTotpSecret === null) {
    return proveSecondFactor(services, user, code, (proof) =>
      pendingSignIns.complete(pending, proof, undefined, clock.now()),
    )
  }
  const event = createAuditEvent(clock, 'mfa.enabled', {
    ...facts,
    organisationId: user.organisationId,
    resource: { type: 'user', id: user.id },
    metadata: { method: 'totp' },
  })
  const notice = composeSecondFactorNotice(services, { ...user, organisation }, true)
  const recoveryCodes = await proveNewTotp(services, user, newTotpSecret, code, (factor) =>
    pendingSignIns.complete(pending, factor, { event, notice }, clock.now()),
  )
  services.mailer.flush()
  return recoveryCodes && { method: 'totp', recoveryCodes }
}

/** The credentials of the user, if they may still sign in, with the password that was verified. */
async function findUnchangedCredentials(
  { user, organisationId, passwordHashDigest }: FoundPendingSignIn,
  { users }: PendingSignInServices,
): Promise<UserCredentials | undefined> {
  const credentials = await users.findCredentials(toEmailKey(user.email), organisationId)
  if (credentials?.user.id !== user.id || credentials.organisation.id !== organisationId) return undefined
  if (reasonForUnavailability(credentials) !== undefined) return undefined
  const digest = digestOf(credentials)
  return passwordHashDigest === null || equalInConstantTime(digest, passwordHashDigest) ? credentials : undefined
}

function digestOf({ passwordHash }: UserCredentials): Buffer {
  return sha256(passwordHash ?? '')
}
