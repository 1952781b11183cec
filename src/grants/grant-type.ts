import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SenderConstraint } from '../oauth/sender-constraint.ts'
import type { Authorization } from '../tokens/authorization.ts'

/** A grant type (RFC 6749 §1.3). `name` is its `grant_type`. */
export interface GrantType {
  readonly name: string
  /** Whether its tokens may be for a user, and then include an ID token. */
  readonly issuesIdTokens: boolean
  /** Verifies the presented credential and returns the authorization. Throws `invalid_grant` and other OAuth errors. */
  redeem(
    form: Parameters,
    client: RegisteredClient,
    senderConstraint: SenderConstraint,
    requestMetadata: RequestMetadata,
  ): Promise<Authorization>
}
