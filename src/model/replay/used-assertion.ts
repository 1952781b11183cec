// `model/replay` holds the contracts of the replay caches: each accepts an identifier once until it expires.
// They cover the `jti` of client assertions (RFC 7523 §3) and DPoP proofs (RFC 9449 §11.1).
// Verifying assertions and proofs belongs to `clients` and `tokens`.

/** A client assertion that proved its client. It is good once (RFC 7523 §3, `jti`). */
export interface UsedAssertion {
  /** The client's row id; of a registration that is a JWT the organisation's, since there is no client yet. */
  clientId: string
  organisationId: string
  jti: string
  expiresAt: Date
}

export interface AssertionReplayCache {
  /** Notes that it was used; false where it was before, on whichever process. */
  consume(assertion: UsedAssertion): Promise<boolean>
}
