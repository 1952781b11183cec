import type { AttemptRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import type { AuditEvent } from '../model/audit/audit-event.ts'
import type { AuditEventRecorder } from '../model/sessions/session.ts'
import { toEmailKey, type UserRepository } from '../model/users/user.ts'
import { passwordGuesses } from './factors/password/password-guesses.ts'
import type { Passwords } from './factors/password/passwords.ts'

export interface PasswordConfirmation {
  users: Pick<UserRepository, 'findCredentials'>
  auditEvents: AuditEventRecorder
  passwords: Passwords
  /** Counts attempts by account, with the limit of sign-in. */
  limits: { account: AttemptRateLimiter }
}

/**
 * The password hash of a signed-in user who enters their password again. Undefined if the password is wrong: then `failure` is
 * recorded. Throws `TooManyRequests`.
 */
export async function confirmPassword(
  { users, auditEvents, passwords, limits }: PasswordConfirmation,
  { userId, email, password, signal }: { userId: string; email: string; password: string; signal: AbortSignal },
  failure: () => AuditEvent,
): Promise<string | undefined> {
  const emailKey = toEmailKey(email)
  const credentials = await users.findCredentials(emailKey)
  const passwordHash = credentials?.user.id === userId ? credentials.passwordHash : null
  const counted = `${passwordGuesses(emailKey, passwordHash)} password change`
  // Counted before the password is verified, as for sign-in. Apart from sign-in, so that strangers cannot lock the user
  // out, and without the network, which the holder of a stolen session chooses.
  await limits.account.consume(counted)
  const { correct } = await passwords.verify(passwordHash, password, signal)
  if (!correct || passwordHash === null) {
    await auditEvents.record(failure())
    return undefined
  }
  await limits.account.reset(counted)
  return passwordHash
}
