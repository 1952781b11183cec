// `model/recovery` holds single-use links and codes that are mailed to users, and what they are for.

/** What a link does. It does nothing else. */
export type CodePurpose = 'password_reset' | 'secure_account' | 'email_verification' | 'email_change' | 'email_undo'

/** A link, and a code that can be typed instead. A new one replaces the former of its user, purpose and address. */
export interface NewOneTimeCode {
  id: string
  organisationId: string
  userId: string
  purpose: CodePurpose
  /** The address that it is sent to, in the form of `toEmailKey`. */
  emailKey: string
  linkHash: Uint8Array
  /** Undefined: there is only a link. */
  codeHash: Uint8Array | undefined
  /** The browser that asked for it. Undefined: it was not a browser. */
  browserHash: Uint8Array | undefined
  context: CodeContext
  createdAt: Date
  expiresAt: Date
}

/** What belongs to the act that the link continues. */
export interface CodeContext {
  /** The pending authorization request of the browser. */
  request?: string
  /** Of an owner who signed up: the password that works when the address is verified. */
  passwordHash?: string
  /** Of a change of the address: the address that the account gets, and the session that stays. */
  email?: string
  sessionId?: string
}

/** A link that works, with its user. */
export interface OpenOneTimeCode {
  id: string
  organisationId: string
  userId: string
  browserHash: Buffer | null
  context: CodeContext
  user: {
    email: string
    name: string | null
    givenName: string | null
    familyName: string | null
    locale: string | null
  }
  organisation: { id: string; name: string }
}

/** A typed code is wrong after this number of attempts. The link still works. */
export const MAX_CODE_ATTEMPTS = 10
