/** An authorization request that its client has sent to the server; the browser sends a reference to it (RFC 9126). */
export interface PushedAuthorizationRequest {
  /** SHA-256 of the reference. */
  referenceHash: Uint8Array
  organisationId: string
  /** The client's row id. */
  clientId: string
  parameters: Record<string, string>
  /** The subject that the response must be about. */
  hintedSubject: string | null
  createdAt: Date
  expiresAt: Date
}

/** Identifies a pushed request. */
export type PushedReference = Pick<PushedAuthorizationRequest, 'referenceHash' | 'organisationId'>

export interface PushedAuthorizationRequestRepository {
  create(request: PushedAuthorizationRequest): Promise<void>
  /** The request, if the client pushed it, it is unanswered, and it has not expired at `now`. */
  find(
    reference: PushedReference & { clientId: string; now: Date },
  ): Promise<Pick<PushedAuthorizationRequest, 'parameters' | 'hintedSubject'> | undefined>
  /** Deletes it. Issuing a code for it deletes it as well (`AuthorizationCodeRepository`). */
  delete(reference: PushedReference): Promise<void>
}
