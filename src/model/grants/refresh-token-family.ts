import type { Grant, GrantInactiveReason, Subject } from './grant.ts'
import type { AccessRead } from '../permissions/organisation-access.ts'
import type { AuditEvent } from '../audit/audit-event.ts'

/** All refresh tokens of one grant: one row, however often they are rotated. */
export interface NewRefreshTokenFamily {
  id: string
  /** 256 random bits; only hashes over them leave the database. */
  seed: Uint8Array
  expiresAt: Date
  /** What the sender of a token must have proven (`toBindings`); empty: client authentication alone. */
  senderConstraints: readonly string[]
}

/** A presented refresh token. */
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
  /** Whether the token stays the same: its use is recorded, and no successor is issued. */
  keepsToken: boolean
  /** Seconds in which the predecessor gets the same successor again. */
  gracePeriodSeconds: number
  /** The requested scopes; undefined: all that were granted. */
  scopes: readonly string[] | undefined
  /** The identifiers of the registered resources that the request names; undefined: it names none. */
  resources: readonly string[] | undefined
  /** What the sender has proven: it must include all constraints of the family. */
  senderProofs: readonly string[]
  /** Set if the organisation records an audit event for each issued token. */
  eventId: string | undefined
  /** What the claims of the tokens need to know about the user. */
  accessReads: readonly AccessRead[]
  now: Date
}

/**
 * The result of a rotation.
 * - `rotated`: it was the current token; its successor is of generation + 1.
 * - `replayed_in_grace_period`: its successor is unused and was issued moments ago; the same successor is returned again.
 * - `scope_exceeded`: scopes were requested that were not granted; nothing was changed.
 * - `resource_exceeded`: likewise, a resource.
 * - `binding_mismatch`: the sender has not proven what it is bound to; nothing was changed, for any generation.
 * - `replayed`: it was replaced longer ago, so two parties hold tokens of the family, and the grant must be revoked.
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
  | { outcome: 'resource_exceeded'; grantedResources: string[] }
  | { outcome: 'replayed'; grant: Grant }
  | { outcome: 'binding_mismatch' }
  | { outcome: 'unknown' }
  | { outcome: 'expired' }
  | { outcome: 'grant_inactive'; reason: GrantInactiveReason }

/** A refresh token to inspect or revoke, of any generation. */
export interface RefreshTokenProof {
  familyId: string
  generation: number
  key: Uint8Array
  proofHash: Uint8Array
}

/** What introspection returns about a refresh token. */
export interface RefreshTokenState {
  /** The client it belongs to, by row id. */
  clientId: string
  grant: Grant
  email: string
  /** Whether it is the current token and its grant is active. */
  active: boolean
  expiresAt: Date
}

export interface RefreshTokenFamilyRepository {
  rotate(rotation: RefreshTokenRotation): Promise<RotationResult>
  /** The state of the token of this proof; undefined if this server did not issue it. */
  inspect(proof: RefreshTokenProof, now: Date): Promise<RefreshTokenState | undefined>
  /**
   * Revokes the grant of this token if the client owns it, and records the event with the grant as its resource. Revoking
   * it twice records nothing.
   */
  revoke(proof: RefreshTokenProof, client: { id: string; organisationId: string }, event: AuditEvent): Promise<void>
}
