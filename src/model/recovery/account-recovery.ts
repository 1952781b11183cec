import type { AuditEvent } from '../audit/audit-event.ts'
import type { OutgoingMail } from '../mail/outgoing-mail.ts'
import type { CodePurpose, NewOneTimeCode, OpenOneTimeCode } from './one-time-code.ts'
import type { EndedAccess } from '../users/user-directory.ts'

/** A user who may sign in: not blocked, with an active membership in an active organisation. */
export interface RecoverableAccount {
  id: string
  organisationId: string
  email: string
  emailKey: string
  emailVerified: boolean
  locale: string | null
  organisation: { name: string }
}

/** A mail with the link in it. */
export interface MailedCode {
  code: NewOneTimeCode
  mail: OutgoingMail
}

/** An API key of a user: another way in. */
export interface RemainingApiKey {
  id: string
  name: string
  prefix: string
}

export interface PasswordReset {
  codeId: string
  userId: string
  organisationId: string
  passwordHash: string
  /** Whether the API keys of the user end as well. */
  revokeApiKeys: boolean
  /** Whether the passkeys of the user are removed. */
  removePasskeys: boolean
}

/** The address that an account gets by a link. */
export interface MailedEmailChange {
  /** The id of the link. */
  id: string
  userId: string
  organisationId: string
  email: string
  emailKey: string
  /** The session that stays when the others end. */
  sessionId: string | undefined
}

/** How users get back into their accounts. Each act stores its audit event and its mail in the same transaction. */
export interface AccountRecoveryRepository {
  findAccount(emailKey: string): Promise<RecoverableAccount | undefined>
  /** Stores a link and the mail with it. */
  request(mailed: MailedCode, event: AuditEvent): Promise<void>
  /** The link with this token, while it works. Changes nothing. */
  findCode(linkHash: Uint8Array, purpose: CodePurpose, now: Date): Promise<OpenOneTimeCode | undefined>
  /**
   * Counts an attempt to type the code of this address, before it is compared. Undefined: there is no code that works, or it
   * was tried too often.
   */
  countAttempt(
    emailKey: string,
    purpose: CodePurpose,
    now: Date,
  ): Promise<{ id: string; organisationId: string; codeHash: Buffer } | undefined>
  /** Gives a code that was typed correctly another link, which continues with it. False if it was consumed meanwhile. */
  replaceLink(code: { id: string; organisationId: string }, linkHash: Uint8Array): Promise<boolean>
  /** The API keys of a user that are active. */
  listApiKeys(user: { id: string }, now: Date): Promise<RemainingApiKey[]>
  /**
   * Consumes the link once: sets the password, verifies the address, and ends all sessions and grants. Undefined: the link was
   * consumed meanwhile.
   */
  resetPassword(reset: PasswordReset, notice: MailedCode, event: AuditEvent): Promise<EndedAccess | undefined>
  /**
   * Consumes the link once: the address is verified, and a user without a password gets this one. False: the link was
   * consumed meanwhile.
   */
  verifyEmail(
    code: { id: string; userId: string; organisationId: string },
    passwordHash: string | undefined,
    event: AuditEvent,
  ): Promise<boolean>
  /**
   * Consumes the link once: the account gets the address, which counts as verified, and other sessions end. `notice` goes to
   * the former address. A taken address leaves the link as it is.
   */
  changeEmail(
    change: MailedEmailChange,
    notice: MailedCode,
    event: AuditEvent,
  ): Promise<'changed' | 'unavailable' | 'email_taken'>
  /** The same without a notice, and closes the account to others, as `secureAccount` does. */
  undoEmailChange(
    change: MailedEmailChange,
    next: NewOneTimeCode,
    event: AuditEvent,
  ): Promise<'changed' | 'unavailable' | 'email_taken'>
  /** Whether the link with this token was consumed to verify the address that the account still has. */
  hasVerified(linkHash: Uint8Array): Promise<boolean>
  /**
   * Consumes the link once: the password stops working, all sessions, grants and API keys end, and `next` is the link with
   * which the user chooses another password. Undefined: the link was consumed meanwhile.
   */
  secureAccount(
    code: { id: string; userId: string; organisationId: string },
    next: NewOneTimeCode,
    event: AuditEvent,
  ): Promise<EndedAccess | undefined>
}
