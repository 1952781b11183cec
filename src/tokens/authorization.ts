import type { RegisteredClient } from '../model/client.ts'
import type { Grant, Subject } from '../model/grant.ts'

/**
 * What a grant proved, and all that is needed to mint: the value between every way of getting tokens and the one place
 * that makes them.
 */
export interface Authorization {
  client: RegisteredClient
  scopes: readonly string[]
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
