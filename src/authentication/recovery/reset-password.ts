import { createAuditEvent } from '../../audit/catalogue.ts'
import { secretChange } from '../../audit/field-changes.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { equalInConstantTime, sha256 } from '../../lib/crypto/hash.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import { InvalidInput } from '../../lib/domain-error.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import type { Passkey, PasskeyRepository } from '../../model/passkeys/passkey.ts'
import type { RemainingApiKey } from '../../model/recovery/account-recovery.ts'
import type { CodePurpose } from '../../model/recovery/one-time-code.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import { displayName, toEmailKey } from '../../model/users/user.ts'
import { parseUserCode } from '../../oauth/device-code.ts'
import { passwordIssues } from '../factors/password/password-policy.ts'
import type { Passwords } from '../factors/password/passwords.ts'
import {
  composePasswordNotice,
  findLink,
  hashTypedCode,
  linkKinds,
  LinkUnavailable,
  type RecoveryServices,
} from './mailed-links.ts'

export interface PasswordResetServices extends RecoveryServices {
  organisations: Pick<OrganisationRepository, 'findPasswordPolicy'>
  passwords: Pick<Passwords, 'hash'>
  passkeys: Pick<PasskeyRepository, 'list'>
  /** By network. */
  recoveryAttempts: Pick<AttemptRateLimiter, 'consume'>
  /** Called when sessions have ended: back-channel logout is queued for them. */
  onSessionsEnded: () => void
}

/**
 * A token for the code that was mailed to this address, as if its link had been opened. Throws `LinkUnavailable` for a wrong
 * code, and for one that was tried ten times, and `TooManyRequests`.
 */
export async function redeemTypedCode(
  { accountRecovery, clock, codeKey, recoveryAttempts }: PasswordResetServices,
  purpose: CodePurpose,
  { email, code: entered, network }: { email: string; code: string; network: string },
): Promise<string> {
  await recoveryAttempts.consume(network)
  const typed = parseUserCode(entered)
  if (typed === undefined) throw new LinkUnavailable()
  // Counted before it is compared, so that concurrent attempts cannot exceed the limit.
  const counted = await accountRecovery.countAttempt(toEmailKey(email), purpose, clock.now())
  if (!counted || !equalInConstantTime(counted.codeHash, hashTypedCode(codeKey, counted.id, typed))) {
    throw new LinkUnavailable()
  }
  const token = `${linkKinds[purpose].prefix}${randomToken()}`
  if (!(await accountRecovery.replaceLink(counted, sha256(token)))) throw new LinkUnavailable()
  return token
}

export interface NewPassword {
  token: string
  password: string
  /** Whether the API keys of the user end as well. */
  revokeApiKeys: boolean
  /** Whether the passkeys of the user are removed. */
  removePasskeys: boolean
  network: string
  requestMetadata: RequestMetadata
}

/**
 * Sets the password of the user who got the link. All sessions of the user end, and everything issued to them is revoked. The
 * user is not signed in. Returns the API keys and passkeys that still work. Throws `LinkUnavailable`, `InvalidInput` for a password that the
 * organisation does not accept, and `TooManyRequests`.
 */
export async function resetPassword(
  services: PasswordResetServices,
  { token, password, revokeApiKeys, removePasskeys, network, requestMetadata }: NewPassword,
): Promise<{
  apiKeys: RemainingApiKey[]
  passkeys: Passkey[]
  email: string
  request: string | undefined
  browserHash: Buffer | null
}> {
  const { accountRecovery, clock, mailer, organisations, passwords, recoveryAttempts } = services
  await recoveryAttempts.consume(network)
  const code = await findLink(services, 'password_reset', token)
  const { id: codeId, userId, organisationId, user, organisation } = code
  const policy = await organisations.findPasswordPolicy(organisationId)
  const issues = passwordIssues(password, { email: user.email, name: displayName(user) }, policy)
  if (issues.length > 0) {
    throw new InvalidInput(
      issues.map((message) => ({ path: ['password'], code: 'custom', message: toPredicate(message) })),
    )
  }
  const passwordHash = await passwords.hash(password)
  const event = createAuditEvent(clock, 'user.password_reset', {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'user', id: userId },
    metadata: { apiKeysRevoked: revokeApiKeys, passkeysRemoved: removePasskeys },
    changes: [secretChange('password')],
  })
  const recipient = {
    id: userId,
    organisationId,
    email: user.email,
    locale: user.locale,
    organisation: organisation.name,
  }
  const ended = await accountRecovery.resetPassword(
    { codeId, userId, organisationId, passwordHash, revokeApiKeys, removePasskeys },
    composePasswordNotice(services, recipient),
    event,
  )
  if (!ended) throw new LinkUnavailable()
  mailer.flush()
  if (ended.sessions > 0) services.onSessionsEnded()
  return {
    apiKeys: await accountRecovery.listApiKeys({ id: userId }, clock.now()),
    passkeys: await services.passkeys.list({ id: userId, organisationId }),
    email: user.email,
    request: code.context.request,
    browserHash: code.browserHash,
  }
}

/** `The password must have …` → `must have …`, because issues begin with the path of the member. */
function toPredicate(sentence: string): string {
  return sentence.replace(/^The password /, '').replace(/\.$/, '')
}
