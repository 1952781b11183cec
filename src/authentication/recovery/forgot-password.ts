import { createAuditEvent } from '../../audit/catalogue.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { admitsMail, createLink, languageOf, type RecoveryServices } from './mailed-links.ts'

export interface ForgottenPasswordServices extends RecoveryServices {
  /** By network. */
  recoveryAttempts: Pick<AttemptRateLimiter, 'consume'>
  /** Runs work that no response waits for; the server completes it before it stops. */
  runInBackground: (work: () => Promise<void>) => void
}

export interface ForgottenPassword {
  email: string
  network: string
  /** The hash of the cookie of the browser that asks. */
  browserHash: Uint8Array | undefined
  /** The pending authorization request of this browser. */
  request: string | undefined
  /** The language of the mail, unless the user has another one. */
  acceptLanguage: string | undefined
  requestMetadata: RequestMetadata
}

/**
 * Mails a link with which the user of an address chooses another password. Returns before the address is looked up, so that
 * neither the response nor its time disclose whether there is an account. An address without an account gets no mail, and
 * neither do users who may not sign in. Throws `TooManyRequests` for a network that asks too often.
 */
export async function requestPasswordReset(
  services: ForgottenPasswordServices,
  forgotten: ForgottenPassword,
): Promise<void> {
  await services.recoveryAttempts.consume(forgotten.network)
  services.runInBackground(() => mailLink(services, forgotten))
}

async function mailLink(
  services: ForgottenPasswordServices,
  { email, browserHash, request, acceptLanguage, requestMetadata }: ForgottenPassword,
): Promise<void> {
  const { accountRecovery, mailer, clock } = services
  if (!mailer.isEnabled) return
  const account = await accountRecovery.findAccount(toEmailKey(email))
  if (!account || !(await admitsMail(mailer, account))) return
  const { id: userId, organisationId } = account
  const context = request === undefined ? {} : { request }
  const { code, link, typedCode } = createLink(services, 'password_reset', account, { browserHash, context })
  const mail = mailer.compose({
    template: 'password_reset',
    organisationId,
    userId,
    recipient: account.email,
    language: languageOf(account, acceptLanguage),
    parameters: { organisation: account.organisation.name, link, code: typedCode },
    usableUntil: code.expiresAt,
  })
  const event = createAuditEvent(clock, 'user.password_reset.requested', {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'user', id: userId },
  })
  await accountRecovery.request({ code, mail }, event)
  mailer.flush()
}
