/** A client assertion that proved its client. It is good once (RFC 7523 §3, `jti`). */
export interface UsedAssertion {
  /** The client's row id; of a registration that is a JWT the organisation's, since there is no client yet. */
  clientId: string
  organisationId: string
  jti: string
  expiresAt: Date
}

export interface AssertionRepository {
  /** Notes that it was used; false where it was before, on whichever process. */
  use(assertion: UsedAssertion): Promise<boolean>
}
