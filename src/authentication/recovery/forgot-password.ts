import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { admitsMail, mailRequestedLink, type RecoveryServices } from './mailed-links.ts'

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
  const { accountRecovery, mailer } = services
  if (!mailer.isEnabled) return
  const account = await accountRecovery.findAccount(toEmailKey(email))
  if (!account || !(await admitsMail(mailer, account))) return
  const context = request === undefined ? {} : { request }
  await mailRequestedLink(services, 'password_reset', account, {
    binding: { browserHash, context },
    acceptLanguage,
    requestMetadata,
  })
}
