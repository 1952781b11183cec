/** An authorization request that its client has sent here itself, for a browser to bring a reference to (RFC 9126). */
export interface PushedAuthorizationRequest {
  /** SHA-256 of the reference. */
  referenceHash: Uint8Array
  organisationId: string
  /** The client's row id. */
  clientId: string
  parameters: Record<string, string>
  createdAt: Date
  expiresAt: Date
}

/** Names a pushed request. */
export type PushedReference = Pick<PushedAuthorizationRequest, 'referenceHash' | 'organisationId'>

export interface PushedAuthorizationRequestRepository {
  create(request: PushedAuthorizationRequest): Promise<void>
  /** The parameters, if the client pushed it, nobody has answered it, and it has not expired at `now`. */
  find(reference: PushedReference & { clientId: string; now: Date }): Promise<Record<string, string> | undefined>
  /** Ends it. A code that answers it ends it as well (`AuthorizationCodeRepository`). */
  delete(reference: PushedReference): Promise<void>
}
