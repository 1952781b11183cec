import type { RegisteredClient } from '../model/clients/client.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SenderConstraint } from '../oauth/sender-constraint.ts'
import type { Authorization } from '../tokens/authorization.ts'

/** A way to get tokens, by its `grant_type` (RFC 6749 §1.3). */
export interface GrantType {
  readonly name: string
  /** What was granted, proven by what the form holds. Throws `invalid_grant` and its kin. */
  redeem(
    form: Parameters,
    client: RegisteredClient,
    senderConstraint: SenderConstraint,
    origin: RequestMetadata,
  ): Promise<Authorization>
}
