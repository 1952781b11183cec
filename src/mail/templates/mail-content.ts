import type { MailTemplate } from '../../model/mail/outgoing-mail.ts'

/** What a mail says, in one language. Names in it may come from attackers. */
export interface MailContent {
  subject: string
  heading: string
  paragraphs: readonly string[]
  button?: { label: string; link: string }
  /** A code that can be typed where the link cannot be opened. */
  code?: { label: string; value: string }
  /** In smaller letters, at the end. */
  notes: readonly string[]
}

/** What each template needs to know. Dates are ISO 8601. */
export interface MailParameters {
  invitation: { organisation: string; invitedBy: string | null; link: string; expiresAt: string }
  welcome: { organisation: string; link: string }
  password_reset: { organisation: string; link: string; code: string }
  password_changed: { organisation: string; link: string; changedAt: string }
  /** `added`: an authenticator app was set up; otherwise it was removed. */
  second_factor_changed: { organisation: string; added: boolean; link: string; changedAt: string }
  passkey_changed: { organisation: string; name: string; added: boolean; link: string; changedAt: string }
  email_verification: { organisation: string; link: string; code: string }
  account_exists: { organisation: string; link: string }
  email_change: { organisation: string; link: string }
  email_changed: { organisation: string; email: string; link: string }
  api_key_expires: { organisation: string; name: string; prefix: string; expiresAt: string }
  test: { organisation: string; server: string }
}

/** The texts of the mails in one language. */
export interface MailMessages {
  /** Introduces the address of the button. */
  addressOfButton: string
  /** Who sent the mail. */
  sentBy: (organisation: string, server: string) => string
  templates: { readonly [Template in MailTemplate]: (parameters: MailParameters[Template]) => MailContent }
}
