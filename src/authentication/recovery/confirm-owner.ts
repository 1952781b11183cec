import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { OutgoingMailRepository } from '../../model/mail/outgoing-mail.ts'
import { toEmailKey } from '../../model/users/user.ts'
import type { OwnerConfirmation } from '../../organisations/onboard.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { createLink, languageOf, type RecoveryServices } from './mailed-links.ts'

const NOTICE_SECONDS = 86_400

/**
 * Confirms the address of an owner who signs up without a token. Until the link is opened, the account has no password: a
 * sign-in fails as it does for an address that had an account before, whose user gets a notice instead.
 */
export function createOwnerConfirmation(
  services: RecoveryServices & { outgoingMails: Pick<OutgoingMailRepository, 'queue'> },
): OwnerConfirmation {
  const { issuer, clock, mailer, accountRecovery, outgoingMails } = services
  return {
    admit: (recipient, organisationId) => mailer.admit({ recipient, organisationId }),

    compose({ owner, organisation, language }) {
      const { passwordHash } = owner
      const recipient = { id: owner.id, organisationId: organisation.id, email: owner.email }
      const { code, link, typedCode } = createLink(services, 'email_verification', recipient, {
        context: passwordHash === null ? {} : { passwordHash },
      })
      const mail = mailer.compose({
        template: 'email_verification',
        organisationId: organisation.id,
        userId: owner.id,
        recipient: owner.email,
        language,
        // Not the name of the organisation: a stranger chose it, and this mail may reach another person.
        parameters: { organisation: new URL(issuer).host, link, code: typedCode },
        usableUntil: code.expiresAt,
      })
      return { code, mail }
    },

    async reportExistingAccount(email: string, acceptLanguage: string | undefined, event: AuditEvent) {
      const account = await accountRecovery.findAccount(toEmailKey(email))
      if (!account) return false
      const mail = mailer.compose({
        template: 'account_exists',
        organisationId: account.organisationId,
        userId: account.id,
        recipient: account.email,
        language: languageOf(account, acceptLanguage),
        parameters: { organisation: account.organisation.name, link: `${issuer}/forgot-password` },
        usableUntil: addSeconds(clock.now(), NOTICE_SECONDS),
      })
      await outgoingMails.queue(mail, event)
      return true
    },

    flush: () => mailer.flush(),
  }
}
