import { z } from 'zod'
import { mailStatuses, type MailRecord } from '../../model/mail/outgoing-mail.ts'

export const MAILS_TAG = 'Mails'
export const MAILS_PATH = '/v1/admin/mails'

/** A mail of the queue. What it says, and its links, are in no response. */
export const mailSchema = z.object({
  id: z.string(),
  organisationId: z.string(),
  userId: z.string().nullable().describe('Null for an address without an account.'),
  template: z.string(),
  language: z.string(),
  recipient: z.string(),
  status: z.enum(mailStatuses),
  attempts: z.int(),
  nextAttemptAt: z.string().nullable().describe('ISO 8601. Null when it was sent or has failed.'),
  error: z.string().nullable().describe('Why the last attempt failed.'),
  sentAt: z.string().nullable(),
  createdAt: z.string(),
})

export function representMail(mail: MailRecord): z.output<typeof mailSchema> {
  return {
    id: mail.id,
    organisationId: mail.organisationId,
    userId: mail.userId,
    template: mail.template,
    language: mail.language,
    recipient: mail.recipient,
    status: mail.status,
    attempts: mail.attempts,
    nextAttemptAt: mail.nextAttemptAt?.toISOString() ?? null,
    error: mail.error,
    sentAt: mail.sentAt?.toISOString() ?? null,
    createdAt: mail.createdAt.toISOString(),
  }
}
