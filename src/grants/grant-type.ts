import type { RegisteredClient } from '../model/client.ts'
import type { EventOrigin } from '../model/security-event.ts'
import type { Parameters } from '../oauth/params.ts'
import type { Sender } from '../oauth/sender.ts'
import type { Authorization } from '../tokens/authorization.ts'

/** A way to get tokens, by its `grant_type` (RFC 6749 §1.3). */
export interface GrantType {
  readonly name: string
  /** What was granted, proven by what the form holds. Throws `invalid_grant` and its kin. */
  redeem(form: Parameters, client: RegisteredClient, sender: Sender, origin: EventOrigin): Promise<Authorization>
}
