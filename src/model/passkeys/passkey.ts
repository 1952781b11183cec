// `model/passkeys` holds the passkeys of users (WebAuthn) and the contract of their repository.
// A passkey belongs to the user's home organisation. Verifying what authenticators send belongs to `authentication/factors`.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { MailedCode } from '../recovery/account-recovery.ts'
import type { UserReference } from '../users/user-directory.ts'

export interface Passkey {
  id: string
  organisationId: string
  userId: string
  credentialId: Uint8Array
  /** A COSE key (RFC 9052 §7). */
  publicKey: Uint8Array
  /** Zero for authenticators that do not count (WebAuthn §6.1.1). */
  signCount: number
  /** How the browser reaches the authenticator, such as `internal` or `usb`. */
  transports: string[]
  /** Whether it can be copied to other devices. Otherwise it is bound to one. */
  backupEligible: boolean
  /** Whether it has been copied. */
  backedUp: boolean
  /** The model of the authenticator. Its zero value says nothing. */
  aaguid: string
  name: string
  createdAt: Date
  lastUsedAt: Date | null
}

/** How a passkey of a user is identified. */
export type PasskeyReference = Pick<Passkey, 'id' | 'userId' | 'organisationId'>

/** A passkey with the e-mail address by which its user is found. */
export interface FoundPasskey extends Passkey {
  email: string
}

/** A verified assertion. The write that accepts it fails if the counter has not grown. */
export interface PasskeyUse extends PasskeyReference {
  signCount: number
  backedUp: boolean
  usedAt: Date
  /** Recorded where the counter says that two authenticators have the key (WebAuthn §6.1.1). */
  cloneDetected: AuditEvent
}

/** What is stored and mailed about a change of a passkey. */
export interface PasskeyChange {
  event: AuditEvent
  notice: MailedCode | undefined
}

export type PasskeyAddition = 'added' | 'taken' | 'too_many' | 'unavailable'
export type PasskeyRemoval = 'removed' | 'not_found' | 'last_way_in'

/** No user needs more, and each makes the list of credentials to exclude longer. */
export const MAX_PASSKEYS = 20

export interface PasskeyRepository {
  /** The passkeys of a user, the oldest first. */
  list(user: UserReference): Promise<Passkey[]>
  /** The passkey with this credential id in any organisation, if its user may sign in somewhere. */
  findByCredentialId(credentialId: Uint8Array): Promise<FoundPasskey | undefined>
  /** `taken`: the credential is registered. `unavailable`: the user may not sign in any more. */
  add(passkey: Passkey, change: PasskeyChange): Promise<PasskeyAddition>
  /** False: there is no such passkey. */
  rename(passkey: PasskeyReference, name: string, event: AuditEvent): Promise<boolean>
  /** `mayLockOut`: also the last passkey of a user without a password. */
  remove(passkey: PasskeyReference, change: PasskeyChange, mayLockOut: boolean): Promise<PasskeyRemoval>
  /** Stores the counter of an assertion. False: it has not grown, or the passkey was removed. */
  use(use: PasskeyUse): Promise<boolean>
}
