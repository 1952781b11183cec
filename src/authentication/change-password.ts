import { createAuditEvent } from '../audit/catalogue.ts'
import type { AttemptRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import { Conflict, InvalidInput } from '../lib/domain-error.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { AuditEventRecorder, OtherSessionsEnd, SessionRepository } from '../model/sessions/session.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import { displayName, toEmailKey, type UserRepository } from '../model/users/user.ts'
import { passwordIssues } from './factors/password/password-policy.ts'
import { passwordGuesses } from './factors/password/password-guesses.ts'
import type { Passwords } from './factors/password/passwords.ts'
import { composePasswordNotice, type RecoveryServices } from './recovery/mailed-links.ts'

export interface PasswordChangeServices extends RecoveryServices {
  users: Pick<UserRepository, 'findProfile' | 'findCredentials'>
  organisations: Pick<OrganisationRepository, 'findPasswordPolicy'>
  sessions: Pick<SessionRepository, 'changePassword'>
  auditEvents: AuditEventRecorder
  passwords: Passwords
  /** Counts attempts by account, with the limit of sign-in. */
  limits: { account: AttemptRateLimiter }
}

export interface PasswordChange {
  userId: string
  organisationId: string
  /** The session that stays. */
  sessionId: string
  currentPassword: string
  newPassword: string
  requestMetadata: RequestMetadata
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

/**
 * Replaces the password of a user who knows the current one. Every other session of the user ends, and everything issued in
 * these is revoked. Undefined if the user does not exist any more. Throws `InvalidInput`, `TooManyRequests`, and `Conflict`
 * if another request changed the password.
 */
export async function changePassword(
  services: PasswordChangeServices,
  change: PasswordChange,
): Promise<OtherSessionsEnd | undefined> {
  const { clock, users, organisations, sessions, auditEvents, passwords, limits } = services
  const { userId, organisationId, sessionId, currentPassword, newPassword, requestMetadata, signal } = change
  const profile = await users.findProfile({ id: userId, organisationId }, clock.now())
  if (!profile) return undefined
  const { email } = profile.user
  // The home organisation owns the password, whichever organisation the session belongs to.
  const policy = await organisations.findPasswordPolicy(profile.user.organisationId)
  const issues = passwordIssues(newPassword, { email, name: displayName(profile.user) }, policy)
  if (newPassword.normalize('NFKC') === currentPassword.normalize('NFKC')) {
    issues.push('The password must not be the current one.')
  }
  if (issues.length > 0) throw invalidPassword('newPassword', issues)

  const emailKey = toEmailKey(email)
  const credentials = await users.findCredentials(emailKey)
  const passwordHash = credentials?.user.id === userId ? credentials.passwordHash : null
  const counted = `${passwordGuesses(emailKey, passwordHash)} password change`
  // Counted before the password is verified, as for sign-in. Apart from sign-in, so that strangers cannot lock the user
  // out, and without the network, which the holder of a stolen session chooses.
  await limits.account.consume(counted)
  const { correct } = await passwords.verify(passwordHash, currentPassword, signal)
  const facts = { organisationId, userId, requestMetadata, resource: { type: 'user', id: userId } }
  if (!correct || passwordHash === null) {
    await auditEvents.record(createAuditEvent(clock, 'user.password_change.failed', facts))
    throw invalidPassword('currentPassword', ['The password is not correct.'])
  }
  await limits.account.reset(counted)
  const event = createAuditEvent(clock, 'user.password_changed', facts)
  const next = await passwords.hash(newPassword)
  const session = { id: sessionId, userId, organisationId }
  const { locale, organisationId: home } = profile.user
  const recipient = { id: userId, organisationId: home, email, locale, organisation: profile.organisation.name }
  const notice = services.mailer.isEnabled ? composePasswordNotice(services, recipient) : undefined
  const ended = await sessions.changePassword(session, { previous: passwordHash, next }, event, notice)
  if (!ended) throw new Conflict('The password was changed by another request. Try again.')
  services.mailer.flush()
  return ended
}

function invalidPassword(member: string, sentences: readonly string[]): InvalidInput {
  return new InvalidInput(
    sentences.map((sentence) => ({
      path: [member],
      code: 'custom',
      message: sentence.replace(/^The password /, '').replace(/\.$/, ''),
    })),
  )
}
