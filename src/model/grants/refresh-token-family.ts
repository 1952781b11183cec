import type { Grant, GrantInactiveReason, Subject } from './grant.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** All refresh tokens that one grant will ever have: one row, however often they are rotated. */
export interface NewRefreshTokenFamily {
  id: string
  /** 256 random bits that never leave the database but inside a hash. */
  seed: Uint8Array
  expiresAt: Date
  /** What whoever presents a token of it must have proven (`proofsOf` a sender); empty: nothing but to be the client. */
  senderConstraints: readonly string[]
}

/** A refresh token that was presented. */
export interface RefreshTokenRotation {
  familyId: string
  generation: number
  /** The key of this generation: with the seed it makes the token's proof (see `tokens/refresh-token`). */
  key: Uint8Array
  /** SHA-256 of the proof that was presented. */
  proofHash: Uint8Array
  /** The authenticated client, by its row id. */
  clientId: string
  organisationId: string
  /** Seconds in which the predecessor gets the same successor. */
  gracePeriodSeconds: number
  /** The scopes asked for; undefined: all that were granted. */
  scopes: readonly string[] | undefined
  /** What the sender has proven: all that the family is bound to must be among it. */
  senderProofs: readonly string[]
  /** Stored where the organisation asks for a row for each issued token. */
  eventId: string | undefined
  now: Date
}

/**
 * What became of a refresh token.
 * - `rotated`: it was the newest; its successor is of generation + 1.
 * - `retried`: its successor was made moments ago and is unused; the same successor is given again.
 * - `excessive`: more scopes were asked for than were granted; nothing was changed.
 * - `unproven`: it is bound to what the sender has not proven; nothing was changed, whichever generation it is of.
 * - `reused`: it was replaced longer ago, so two parties hold it, and the family must die.
 */
export type RotationResult =
  | {
      outcome: 'rotated' | 'replayed_in_grace_period'
      grant: Grant
      subject: Subject
      /** The generation of the successor, and the seed that its proof is made with. */
      generation: number
      seed: Uint8Array
      expiresAt: Date
    }
  | { outcome: 'scope_exceeded'; grantedScopes: string[] }
  | { outcome: 'replayed'; grant: Grant }
  | { outcome: 'binding_mismatch' }
  | { outcome: 'unknown' }
  | { outcome: 'expired' }
  | { outcome: 'grant_inactive'; reason: GrantInactiveReason }

/** A refresh token that is looked at or revoked, of whatever generation. */
export interface RefreshTokenProof {
  familyId: string
  generation: number
  key: Uint8Array
  proofHash: Uint8Array
}

/** What introspection tells of a refresh token. */
export interface RefreshTokenState {
  /** The client it belongs to, by row id. */
  clientId: string
  grant: Grant
  email: string
  /** Whether it is the newest of a living family. */
  active: boolean
  expiresAt: Date
}

export interface RefreshTokenFamilyRepository {
  rotate(rotation: RefreshTokenRotation): Promise<RotationResult>
  /** The family that this proof belongs to, or undefined where the proof is not ours. */
  inspect(proof: RefreshTokenProof, now: Date): Promise<RefreshTokenState | undefined>
  /**
   * Ends the grant that this proof's family hangs from, if the family is the client's, and records the event with the
   * grant as its resource. Ending it twice records nothing.
   */
  revoke(proof: RefreshTokenProof, client: { id: string; organisationId: string }, event: AuditEvent): Promise<void>
}
