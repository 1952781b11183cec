// `model/replay` holds the contract of the replay cache, which accepts each single-use token once until it expires.
// It covers client assertions (RFC 7523 §3), signed registration requests, DPoP proofs (RFC 9449 §11.1) and the challenges of
// passkeys (WebAuthn §13.4.3).
// Verifying these tokens belongs to `clients` and `tokens`.

/** What is accepted once. */
export interface SingleUseToken {
  kind: 'client_assertion' | 'dpop_proof' | 'passkey_challenge'
  /** Whose `jti` it is: the row id of a client or organisation, the thumbprint of a DPoP key, or `server`. Has no line breaks. */
  signer: string
  jti: string
  organisationId: string
  /** From when it is rejected because of its age. */
  expiresAt: Date
}

export interface ReplayCache {
  /** Records the use; false if the token was used before, in any process. */
  consume(token: SingleUseToken): Promise<boolean>
}
