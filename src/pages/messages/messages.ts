import type { ComponentChildren } from 'preact'
import type { PasskeyMessages } from './passkey-messages.ts'
import type { HeadingAndText, Phrase, RecoveryMessages } from './recovery-messages.ts'

/** What a scope allows an application to do, with an optional second line. */
export interface ScopeWords {
  title: string
  detail?: string | undefined
}

/** Scopes that have words of their own. */
export type KnownScope =
  | 'openid'
  | 'profile'
  | 'email'
  | 'phone'
  | 'address'
  | 'roles'
  | 'groups'
  | 'permissions'
  | 'organisation'
  | 'offline_access'

export interface Messages extends RecoveryMessages {
  errorPrefix: string
  newTab: string
  signedInAs: string
  about: Phrase
  website: string
  privacy: string
  terms: string
  login: {
    title: string
    headingFor: Phrase
    organisation: Phrase
    confirm: string
    confirmLead: string
    confirmLeadFor: Phrase
    email: string
    password: string
    submit: string
    cancel: string
    staySignedIn: string
    emailMissing: string
    passwordMissing: string
    forgot: string
    errors: Record<
      | 'credentials'
      | 'passkey'
      | 'passkeyExpired'
      | 'missing'
      | 'throttled'
      | 'csrf'
      | 'unavailable'
      | 'organisationClosed',
      HeadingAndText
    >
  }
  secondFactor: {
    title: string
    lead: Phrase
    code: string
    codeHint: string
    submit: string
    cancel: string
    enrol: {
      title: string
      lead: string
      install: string
      scan: string
      qrCode: string
      /** A link for a user whose app is on the device that shows the page. */
      open: string
      typeIn: string
      enter: string
    }
    errors: Record<'code' | 'passkey' | 'missing' | 'throttled' | 'csrf', HeadingAndText>
  }
  passkeys: PasskeyMessages
  recoveryCodes: { title: string; lead: string; advice: string; proceed: string; proceedTo: Phrase }
  invitation: {
    title: string
    heading: Phrase
    lead: Phrase
    leadBy: (inviter: ComponentChildren, organisation: ComponentChildren) => ComponentChildren
    email: string
    givenName: string
    familyName: string
    password: string
    passwordHint: string
    submit: string
    errors: Record<'missing' | 'password' | 'throttled' | 'csrf' | 'taken', HeadingAndText>
    unavailable: HeadingAndText
  }
  selectAccount: { title: string; lead: Phrase; proceed: string; useAnother: string }
  consent: {
    title: string
    heading: Phrase
    scopesHeading: Phrase
    noScopes: Phrase
    resourceHeading: Phrase
    /** Of a resource without requested scopes. */
    resourceAccess: string
    redirectNotice: Phrase
    /** For a private-use scheme, such as `com.example.app:`. */
    appNotice: Phrase
    deviceNotice: Phrase
    published: { lead: string; unverified: string; loopbackOnly: HeadingAndText }
    allow: string
    deny: string
    scopes: Record<KnownScope, ScopeWords>
  }
  device: {
    title: string
    lead: string
    compare: string
    code: string
    warning: string
    submit: string
    errors: Record<'unknown' | 'throttled' | 'csrf', HeadingAndText>
    outcomes: Record<'approved' | 'denied' | 'unusable', { title: string; lead: Phrase }>
  }
  logout: { title: string; lead: string; leadFor: Phrase; submit: string; stay: string }
  signedOut: { title: string; lead: string; signingOutOfApps: string; proceed: string; proceedTo: Phrase }
  signedIn: { title: string; lead: Phrase; signOut: string }
  home: { title: string; lead: string; signIn: string; api: string; metadata: string }
  formPost: { title: string; lead: Phrase; submit: string }
  logoutResubmit: { title: string; lead: string; submit: string }
  error: {
    developer: string
    code: string
    description: string
    reference: string
    continueTo: (destination: string) => string
    invalidRequest: HeadingAndText
    forbidden: HeadingAndText
    notFound: HeadingAndText
    expired: HeadingAndText
    cookiesBlocked: HeadingAndText
    alreadyCompleted: HeadingAndText
    throttled: HeadingAndText
    unavailable: HeadingAndText
    server: HeadingAndText
  }
}
