import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { addSeconds, type Clock } from '../lib/time/clock.ts'
import { Conflict, NotFound } from '../lib/domain-error.ts'
import type { MailRecord, OutgoingMailRepository } from '../model/mail/outgoing-mail.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { UserRepository } from '../model/users/user.ts'
import type { Mailer } from './mailer.ts'

export interface MailManagement {
  issuer: string
  clock: Clock
  mailer: Mailer
  outgoingMails: OutgoingMailRepository
  users: Pick<UserRepository, 'findProfile'>
}

const TEST_MAIL_SECONDS = 86_400

/** Throws `NotFound`. */
export async function findMail(
  { outgoingMails }: Pick<MailManagement, 'outgoingMails'>,
  { organisationId }: AdminContext,
  id: string,
): Promise<MailRecord> {
  const mail = await outgoingMails.find({ id, organisationId })
  if (!mail) throw new NotFound('There is no such mail.')
  return mail
}

/**
 * Makes a mail that waits or has failed due now. Throws `NotFound`, and `Conflict` if it was sent, or its links have expired:
 * then the act that caused it must be repeated.
 */
export async function requeueMail(services: MailManagement, context: AdminContext, id: string): Promise<MailRecord> {
  const { outgoingMails, mailer, clock } = services
  const mail = await findMail(services, context, id)
  assertMailEnabled(mailer)
  const event = createAdminAuditEvent(context, clock, 'mail.requeued', {
    resource: { type: 'mail', id },
    metadata: { template: mail.template, recipient: mail.recipient },
    changes: fieldChanges({ status: mail.status }, { status: 'queued' }),
  })
  if (!(await outgoingMails.requeue(mail, event))) {
    throw new Conflict('The mail was sent, or its links have expired. Repeat what caused it.')
  }
  mailer.flush()
  return findMail(services, context, id)
}

/** Queues a test mail to the caller. Throws `Conflict` for a caller who is no user, and without a transport. */
export async function queueTestMail(
  services: MailManagement,
  context: AdminContext,
  language: string,
): Promise<MailRecord> {
  const { issuer, clock, mailer, outgoingMails, users } = services
  const { organisationId, userId } = context
  assertMailEnabled(mailer)
  const profile =
    userId === undefined ? undefined : await users.findProfile({ id: userId, organisationId }, clock.now())
  if (!profile) throw new Conflict('A test mail is sent to the user who asks for it, and this caller is no user.')
  const recipient = profile.user.email
  await mailer.admit({ recipient, organisationId })
  const mail = mailer.compose({
    template: 'test',
    organisationId,
    userId,
    recipient,
    language,
    parameters: { organisation: profile.organisation.name, server: new URL(issuer).host },
    usableUntil: addSeconds(clock.now(), TEST_MAIL_SECONDS),
  })
  const event = createAdminAuditEvent(context, clock, 'mail.tested', {
    resource: { type: 'mail', id: mail.id },
    metadata: { recipient },
  })
  await outgoingMails.queue(mail, event)
  mailer.flush()
  return findMail(services, context, mail.id)
}

function assertMailEnabled({ isEnabled }: Mailer): void {
  if (!isEnabled) throw new Conflict('The server sends no mail: SMTP_HOST and EMAIL_FROM are not set.')
}
