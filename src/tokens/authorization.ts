import type { RegisteredClient } from '../model/client.ts'
import type { Grant, Subject } from '../model/grant.ts'
import type { Sender } from '../oauth/sender.ts'

/**
 * What a grant proved, and all that is needed to mint: the value between every way of getting tokens and the one place
 * that makes them.
 */
export interface Authorization {
  client: RegisteredClient
  scopes: readonly string[]
  /** Who alone may use the access token. */
  sender: Sender
  /** The person and what they allowed; absent for client_credentials, which is the client's own doing. */
  person:
    | {
        grant: Grant
        subject: Subject
        /** Of the authorization request; only the first ID token repeats it. */
        nonce: string | undefined
      }
    | undefined
  refreshToken: string | undefined
}
