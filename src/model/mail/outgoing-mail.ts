// `model/mail` holds the queue of mails that the server sends.
// What a mail says is encrypted: a stolen database contains no link that works.

import type { AuditEvent } from '../audit/audit-event.ts'

/** The mails that the server sends. `mail/templates` has their texts. */
export const mailTemplates = [
  'invitation',
  'welcome',
  'password_reset',
  'password_changed',
  'second_factor_changed',
  'passkey_changed',
  'email_verification',
  'account_exists',
  'email_change',
  'email_changed',
  'api_key_expires',
  'test',
] as const
export type MailTemplate = (typeof mailTemplates)[number]

/** A mail that is stored with the act that causes it, and sent afterwards. */
export interface OutgoingMail {
  id: string
  organisationId: string
  /** The user whom it concerns; undefined for an address without an account. */
  userId: string | undefined
  template: MailTemplate
  /** The language of the text. */
  language: string
  recipient: string
  /** What the mail says, as encrypted JSON. */
  parameters: Uint8Array
  /** When its links expire. After that it is not sent any more. */
  usableUntil: Date
  createdAt: Date
}

export const mailStatuses = ['queued', 'sent', 'failed'] as const
export type MailStatus = (typeof mailStatuses)[number]

/** A mail of the queue, without what it says. */
export interface MailRecord {
  id: string
  organisationId: string
  userId: string | null
  template: string
  language: string
  recipient: string
  status: MailStatus
  attempts: number
  /** When it may be sent, or tried again; null when it was sent or has failed. */
  nextAttemptAt: Date | null
  /** Why the last attempt failed. */
  error: string | null
  sentAt: Date | null
  createdAt: Date
}

/** How a mail is identified: always within an organisation. */
export type MailReference = Pick<MailRecord, 'id' | 'organisationId'>

/** A mail that this process may send, until its next attempt is due. */
export interface LeasedMail extends MailReference {
  template: string
  language: string
  recipient: string
  parameters: Uint8Array
  usableUntil: Date
  createdAt: Date
  /** The number of this attempt. */
  attempt: number
}

export interface MailQuery {
  organisationId: string
  limit: number
  offset: number
  /** Part of the recipient. */
  search: string | undefined
  status: MailStatus | undefined
  template: string | undefined
}

/** Rows are deleted after this time. */
export const MAIL_RETENTION_SECONDS = 30 * 86_400

export interface OutgoingMailRepository {
  /** Newest first. */
  list(query: MailQuery): Promise<{ mails: MailRecord[]; total: number }>
  find(mail: MailReference): Promise<MailRecord | undefined>
  /** Queues a mail that no other act causes. */
  queue(mail: OutgoingMail, event: AuditEvent): Promise<void>
  /** Makes a mail that was not sent due again. False if it was sent, or its links have expired. */
  requeue(mail: MailReference, event: AuditEvent): Promise<boolean>
  /**
   * Takes mails that are due. The next attempt of each is due after the delay of this attempt, so that no other process
   * sends it meanwhile. After the last delay, the last one is used.
   */
  lease(retryDelaysSeconds: readonly number[], limit: number, now: Date): Promise<LeasedMail[]>
  /** Marks a mail as sent and deletes what it said, unless another attempt has begun. */
  complete(mail: Pick<LeasedMail, 'id' | 'organisationId' | 'attempt'>, now: Date): Promise<void>
  /** Stores why an attempt failed. `isFinal`: it is not tried again. */
  fail(
    mail: Pick<LeasedMail, 'id' | 'organisationId' | 'attempt'>,
    failure: { error: string; isFinal: boolean },
    now: Date,
  ): Promise<void>
  /** How many mails of all organisations wait. */
  countQueued(): Promise<number>
}
