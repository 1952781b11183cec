import { createAuditEvent } from '../../audit/catalogue.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { createLink, findLink, LinkUnavailable, type RecoveryServices } from './mailed-links.ts'

export interface SecureAccountServices extends RecoveryServices {
  /** Called when sessions have ended: back-channel logout is queued for them. */
  onSessionsEnded: () => void
}

/**
 * Closes an account that another person may use, for the holder of the link in a notice: the password stops working, and all
 * sessions, grants and API keys end. Returns the token with which the user chooses another password. Throws `LinkUnavailable`.
 */
export async function secureAccount(
  services: SecureAccountServices,
  token: string,
  requestMetadata: RequestMetadata,
): Promise<string> {
  const { accountRecovery, clock, onSessionsEnded } = services
  const found = await findLink(services, 'secure_account', token)
  const { id, userId, organisationId, user } = found
  const next = createLink(services, 'password_reset', { id: userId, organisationId, email: user.email })
  const event = createAuditEvent(clock, 'user.account_secured', {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'user', id: userId },
  })
  const ended = await accountRecovery.secureAccount({ id, userId, organisationId }, next.code, event)
  if (!ended) throw new LinkUnavailable()
  if (ended.sessions > 0) onSessionsEnded()
  return next.token
}
