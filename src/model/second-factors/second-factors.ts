// `model/second-factors` holds what users have beside their password: an authenticator app and recovery codes.
// A proof is used up by the write that accepts it. Computing and comparing codes belongs to `authentication/factors`.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { MailedCode } from '../recovery/account-recovery.ts'
import type { UserReference } from '../users/user-directory.ts'

/** The second factors of a user, with the sealed secret of the authenticator app. */
export interface SecondFactors {
  /** Undefined: no app, or one that is not confirmed. */
  totp: { secret: Uint8Array } | undefined
  /** The app that the user is setting up. */
  unconfirmedTotp: { secret: Uint8Array } | undefined
  unusedRecoveryCodes: number
}

/** A correct code. The write that accepts it fails if the code has been used. */
export type SecondFactorProof =
  /** `step`: the time step of the code (RFC 6238 §4.2). No code of this or an earlier step is accepted again (§5.2). */
  { method: 'totp'; step: number } | { method: 'recovery_code'; codeHash: Uint8Array }

/** An authenticator app that a user has proven to hold, with a new set of recovery codes. */
export interface NewSecondFactor {
  /** Sealed. */
  totpSecret: Uint8Array
  /** The time step of the code that proved it. */
  step: number
  recoveryCodeHashes: readonly Uint8Array[]
}

export interface SecondFactorRepository {
  find(user: UserReference): Promise<SecondFactors>
  /** Stores the app that a user sets up, in place of an earlier unconfirmed one. False: a confirmed one exists. */
  startTotp(user: UserReference, secret: Uint8Array, now: Date): Promise<boolean>
  /** Confirms the app that has this secret. False: it was replaced or confirmed meanwhile. */
  confirmTotp(
    user: UserReference,
    factor: NewSecondFactor,
    event: AuditEvent,
    notice: MailedCode | undefined,
  ): Promise<boolean>
  /** Replaces all recovery codes. False: the proof has been used. */
  replaceRecoveryCodes(
    user: UserReference,
    proof: SecondFactorProof,
    hashes: readonly Uint8Array[],
    event: AuditEvent,
  ): Promise<boolean>
  /** Removes all second factors, against a proof. False: it has been used. */
  remove(
    user: UserReference,
    proof: SecondFactorProof,
    event: AuditEvent,
    notice: MailedCode | undefined,
  ): Promise<boolean>
  /** Uses up a proof. False: it has been used. */
  use(user: UserReference, proof: SecondFactorProof, now: Date): Promise<boolean>
}
