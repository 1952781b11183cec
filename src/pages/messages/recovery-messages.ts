import type { ComponentChildren } from 'preact'

/** A sentence with a name in it. The page formats the name; its position depends on the language. */
export type Phrase = (name: ComponentChildren) => ComponentChildren

export interface HeadingAndText {
  heading: string
  text: string
}

/** The texts of the pages of links that were mailed, and for users who cannot sign in. */
export interface RecoveryMessages {
  forgotPassword: {
    title: string
    lead: string
    email: string
    submit: string
    /** Where the server sends no mail. */
    noMail: string
    errors: Record<'missing' | 'throttled' | 'csrf', HeadingAndText>
  }
  resetCode: {
    title: string
    lead: Phrase
    code: string
    hint: string
    submit: string
    nothing: string
    errors: Record<'code' | 'throttled' | 'csrf', HeadingAndText>
  }
  resetPassword: {
    title: string
    lead: string
    otherBrowser: string
    email: string
    password: string
    passwordHint: string
    apiKeys: string
    revokeApiKeys: string
    passkeys: string
    removePasskeys: string
    submit: string
    errors: Record<'password' | 'throttled' | 'csrf', HeadingAndText>
    done: HeadingAndText & { signIn: string }
  }
  secureAccount: HeadingAndText & { submit: string; errors: Record<'csrf', HeadingAndText> }
  verifyEmail: {
    title: string
    lead: (email: ComponentChildren, organisation: ComponentChildren) => ComponentChildren
    enterCode: string
    email: string
    code: string
    hint: string
    submit: string
    errors: Record<'code' | 'csrf', HeadingAndText>
    done: HeadingAndText & { signIn: string }
  }
  emailChange: Record<
    'confirm' | 'undo',
    {
      title: string
      lead: (from: ComponentChildren, to: ComponentChildren) => ComponentChildren
      submit: string
    }
  > & { done: { title: string; lead: Phrase }; taken: HeadingAndText }
  /** Of a mailed link or code. */
  linkUnavailable: HeadingAndText
  /** Accepting an invitation with an account that exists. */
  joinOrganisation: {
    title: string
    heading: Phrase
    lead: Phrase
    leadSignIn: Phrase
    signIn: string
    submit: string
    done: { title: string; lead: Phrase }
    errors: Record<'csrf' | 'member', HeadingAndText>
  }
}
