import type { Grant, GrantInactiveReason, Subject } from './grant.ts'
import type { AccessRead } from '../permissions/organisation-access.ts'
import type { NewRefreshTokenFamily } from './refresh-token-family.ts'

/** A grant and the code that a client will exchange for tokens. */
export interface NewAuthorizationCode {
  grant: Grant
  codeHash: Uint8Array
  redirectUri: string
  codeChallenge: string | undefined
  /** The thumbprint of the key that must be proven at the exchange (RFC 9449 §10). */
  dpopJkt: string | undefined
  nonce: string | undefined
  expiresAt: Date
  /** The pending request that this completes; it must still exist. */
  pendingRequestId: string | undefined
  /** The pushed request that this completes; it must still exist. */
  pushedReferenceHash: Uint8Array | undefined
}

/** What a client presents at the token endpoint (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface CodeRedemption {
  codeHash: Uint8Array
  /** The authenticated client, by its row id. */
  clientId: string
  organisationId: string
  redirectUri: string | undefined
  /** S256 of the verifier, where one was sent. */
  codeChallenge: string | undefined
  /** The identifiers of the registered resources that the token request names; undefined: it names none. */
  resources: readonly string[] | undefined
  /** The thumbprint of the proven key, if one was proven. */
  dpopJkt: string | undefined
  /** Created when the code is fresh. */
  family: NewRefreshTokenFamily | undefined
  /** Set if the organisation records an audit event for each issued token. */
  eventId: string | undefined
  /** What the claims of the tokens need to know about the user. */
  accessReads: readonly AccessRead[]
  now: Date
}

/**
 * The result of a redemption. Exactly one redemption of a code is `fresh`, over all processes. `mismatch` and
 * `grant_inactive` do not consume the code.
 */
export type CodeRedemptionResult =
  | { outcome: 'fresh'; grant: Grant; subject: Subject; nonce: string | null }
  | { outcome: 'replayed'; grant: Grant }
  | { outcome: 'unknown' }
  | { outcome: 'expired' }
  | {
      outcome: 'mismatch'
      mismatch:
        | 'redirect_uri'
        | 'code_verifier'
        | 'code_verifier_missing'
        | 'code_challenge_missing'
        | 'dpop_jkt'
        | 'resource'
    }
  | { outcome: 'grant_inactive'; reason: GrantInactiveReason }

export interface AuthorizationCodeRepository {
  /** Stores grant and code; false if the pending or pushed request does not exist any more. */
  issue(code: NewAuthorizationCode): Promise<boolean>
  redeem(redemption: CodeRedemption): Promise<CodeRedemptionResult>
}
