/** A DPoP proof that was used. It is good once (RFC 9449 §11.1). */
export interface UsedDpopProof {
  /** SHA-256 over its key's thumbprint and its `jti`. */
  proofHash: Uint8Array
  /** Of the client that it was used for. */
  organisationId: string
  /** From when it would be refused for its age. */
  expiresAt: Date
}

export interface DpopProofReplayCache {
  /** Notes that it was used; false where it was before, on whichever process. */
  consume(proof: UsedDpopProof): Promise<boolean>
}
