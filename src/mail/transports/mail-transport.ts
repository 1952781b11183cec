// `mail/transports` delivers mails: by SMTP, into files, or into the log. Only this folder knows the SMTP library.

/** A mailbox. The address was checked by `isEmailAddress`. */
export interface Mailbox {
  name?: string | undefined
  address: string
}

export interface MailMessage {
  /** The same for every attempt, so that receivers recognise a mail that arrives twice. */
  messageId: string
  date: Date
  from: Mailbox
  to: string
  subject: string
  html: string
  text: string
}

export interface MailTransport {
  /** Resolves when the mail was accepted. Throws `MailRejected` where another attempt is pointless. */
  send(message: MailMessage): Promise<void>
}

/** The receiving server refuses the mail for good (a reply of 5xx to the recipient or to the content, RFC 5321 §4.2.1). */
export class MailRejected extends Error {}
