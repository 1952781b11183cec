import type { Acr } from '../../oauth/acr.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { PasskeyUse } from '../passkeys/passkey.ts'
import type { MailedCode } from '../recovery/account-recovery.ts'
import type { User } from '../users/user.ts'
import type { NewSecondFactor, SecondFactorProof } from './second-factors.ts'

/** A sign-in of a browser whose password was right, and whose second factor is due. */
export interface PendingSignIn {
  id: string
  /** The organisation to sign in to. */
  organisationId: string
  userId: string
  browserCookieHash: Uint8Array
  /** The session that gains the factor (step-up). Null: the sign-in starts a session. */
  sessionId: string | null
  /** The authorization request that continues afterwards. */
  authorizationRequestId: string | null
  /** The SHA-256 of the password hash that was verified: another password makes the sign-in void. Null for a step-up. */
  passwordHashDigest: Uint8Array | null
  staySignedIn: boolean
  /** The sealed secret of the authenticator app to set up. Null: the user has a second factor. */
  newTotpSecret: Uint8Array | null
  /** The class that a step-up must reach. Null: any second factor will do. */
  requiredAcr: Acr | null
  createdAt: Date
  expiresAt: Date
}

/** A pending sign-in, with its user. */
export interface FoundPendingSignIn extends PendingSignIn {
  user: Pick<User, 'id' | 'organisationId' | 'email' | 'locale'> & {
    /** The second factors that the user has. */
    mfaMethods: readonly string[]
  }
}

export interface PendingSignInRepository {
  create(signIn: PendingSignIn): Promise<void>
  /** The sign-in with this id of this browser, unless it has expired. */
  find(id: string, browserCookieHash: Uint8Array, now: Date): Promise<FoundPendingSignIn | undefined>
  /**
   * Ends the sign-in, and uses up the proof or stores the new factor, in one transaction. False if the sign-in has ended,
   * or the proof has been used. `enrolment`: what is recorded and mailed about a new factor.
   */
  complete(
    signIn: FoundPendingSignIn,
    proven: SecondFactorProof | PasskeyUse | NewSecondFactor,
    enrolment: { event: AuditEvent; notice: MailedCode | undefined } | undefined,
    now: Date,
  ): Promise<boolean>
}
