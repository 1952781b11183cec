import type { RegisteredClient } from '../model/clients/client.ts'
import type { Grant, Subject } from '../model/grants/grant.ts'
import type { SenderConstraint } from '../oauth/sender-constraint.ts'

/**
 * What a grant proved, and all that is needed to mint: the value between every way of getting tokens and the one place
 * that makes them.
 */
export interface Authorization {
  client: RegisteredClient
  scopes: readonly string[]
  /** Who alone may use the access token. */
  senderConstraint: SenderConstraint
  /** The person and what they allowed; absent for client_credentials, which is the client's own doing. */
  userAuthorization:
    | {
        grant: Grant
        subject: Subject
        /** Of the authorization request; only the first ID token repeats it. */
        nonce: string | undefined
      }
    | undefined
  refreshToken: string | undefined
}
