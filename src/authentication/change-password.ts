import { createAuditEvent } from '../audit/catalogue.ts'
import { Conflict, InvalidInput } from '../lib/domain-error.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { OtherSessionsEnd, SessionRepository } from '../model/sessions/session.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import { displayName, type UserRepository } from '../model/users/user.ts'
import { confirmPassword, type PasswordConfirmation } from './confirm-password.ts'
import { passwordIssues } from './factors/password/password-policy.ts'
import { composePasswordNotice, type RecoveryServices } from './recovery/mailed-links.ts'

export interface PasswordChangeServices extends RecoveryServices, PasswordConfirmation {
  users: Pick<UserRepository, 'findProfile' | 'findCredentials'>
  organisations: Pick<OrganisationRepository, 'findPasswordPolicy'>
  sessions: Pick<SessionRepository, 'changePassword'>
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
  const { clock, users, organisations, sessions, passwords } = services
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

  const facts = { organisationId, userId, requestMetadata, resource: { type: 'user', id: userId } }
  const passwordHash = await confirmPassword(services, { userId, email, password: currentPassword, signal }, () =>
    createAuditEvent(clock, 'user.password_change.failed', facts),
  )
  if (passwordHash === undefined) throw invalidPassword('currentPassword', ['The password is not correct.'])
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
