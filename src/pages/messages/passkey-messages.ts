import type { HeadingAndText, Phrase } from './recovery-messages.ts'

/** The texts about passkeys. */
export interface PasskeyMessages {
  title: string
  lead: Phrase
  /** Signs in with one, on the sign-in page. */
  signIn: string
  /** Uses one as the second factor. */
  use: string
  /** On the page of the second factor, of users who have nothing else. */
  useLead: Phrase
  needsScript: string
  failed: string
  known: string
  none: string
  created: string
  lastUsed: string
  never: string
  synced: string
  deviceBound: string
  name: string
  change: string
  rename: string
  save: string
  remove: string
  add: string
  addLead: string
  signInAgain: string
  signInAgainLead: string
  back: string
  /** The page that offers one after a sign-in with a password. */
  offerTitle: string
  notNow: string
  /** The same page where an application needs a passkey. */
  requiredTitle: string
  requiredLead: Phrase
  cancel: string
  /** What has just happened. */
  done: Record<'added' | 'renamed' | 'removed', string>
  errors: Record<'csrf' | 'credential' | 'name' | 'last' | 'taken' | 'many' | 'gone', HeadingAndText>
}
