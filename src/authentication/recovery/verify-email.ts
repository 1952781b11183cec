import { createAuditEvent } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { toEmailKey } from '../../model/users/user.ts'
import type { ForgottenPasswordServices } from './forgot-password.ts'
import { admitsMail, findLink, LinkUnavailable, mailRequestedLink, type RecoveryServices } from './mailed-links.ts'

export interface VerificationRequest {
  email: string
  network: string
  acceptLanguage: string | undefined
  requestMetadata: RequestMetadata
}

/**
 * Mails a link with which the user of an address verifies it. Returns before the address is looked up, like
 * `requestPasswordReset`. An address without an account gets no mail, and neither does one that is verified. Throws
 * `TooManyRequests`.
 */
export async function requestEmailVerification(
  services: ForgottenPasswordServices,
  request: VerificationRequest,
): Promise<void> {
  await services.recoveryAttempts.consume(request.network)
  services.runInBackground(() => mailLink(services, request))
}

async function mailLink(
  services: ForgottenPasswordServices,
  { email, acceptLanguage, requestMetadata }: VerificationRequest,
): Promise<void> {
  const { accountRecovery, mailer } = services
  if (!mailer.isEnabled) return
  const account = await accountRecovery.findAccount(toEmailKey(email))
  if (!account || account.emailVerified || !(await admitsMail(mailer, account))) return
  await mailRequestedLink(services, 'email_verification', account, { acceptLanguage, requestMetadata })
}

/**
 * Verifies the address of the user who got the link. An owner who signed up without a token gets the password of the sign-up
 * with it. A link that has verified the address before has no effect, and no error. Throws `LinkUnavailable`.
 */
export async function verifyEmail(
  services: RecoveryServices,
  token: string,
  requestMetadata: RequestMetadata,
): Promise<void> {
  const { accountRecovery, clock } = services
  const isVerified = () => accountRecovery.hasVerified(sha256(token))
  const code = await findLink(services, 'email_verification', token).catch(async (error: unknown) => {
    if (error instanceof LinkUnavailable && (await isVerified())) return undefined
    throw error
  })
  if (!code) return
  const { id, userId, organisationId, context } = code
  const event = createAuditEvent(clock, 'user.email_verified', {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'user', id: userId },
    changes: fieldChanges({ emailVerified: false }, { emailVerified: true }),
  })
  const verified = await accountRecovery.verifyEmail({ id, userId, organisationId }, context.passwordHash, event)
  if (!verified && !(await isVerified())) throw new LinkUnavailable()
}
