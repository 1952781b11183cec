// `model/replay` holds the contract of the replay cache, which accepts each single-use token once until it expires.
// It covers client assertions (RFC 7523 §3), signed registration requests and DPoP proofs (RFC 9449 §11.1).
// Verifying these tokens belongs to `clients` and `tokens`.

/** A JWT that is accepted once. */
export interface SingleUseToken {
  kind: 'client_assertion' | 'dpop_proof'
  /** Whose `jti` it is: the row id of a client or organisation, or the thumbprint of a DPoP key. Has no line breaks. */
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
