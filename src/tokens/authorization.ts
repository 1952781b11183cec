// `tokens` owns issued tokens: minting them from an authorization, introspection, revocation and userinfo.
// `issuance` is the only place that mints tokens; the claims are in `claims.ts`.
// Granting the authorization belongs to `grants` and `authorize`.

import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { Grant, Subject } from '../model/grants/grant.ts'
import type { TokenTarget } from './token-target.ts'
import type { SenderConstraint } from '../oauth/sender-constraint.ts'

/** The result of a grant, with everything that minting tokens needs. Every grant type returns one. */
export interface Authorization {
  client: RegisteredClient
  /** All that were granted, or requested of them. */
  scopes: readonly string[]
  /** What the access token is for (RFC 8707). Undefined: the audience of the client, with all `scopes`. */
  target: TokenTarget | undefined
  /** The certificate and the key that the access token is bound to. */
  senderConstraint: SenderConstraint
  /** The user and their grant; undefined for client_credentials. */
  userAuthorization:
    | {
        grant: Grant
        subject: Subject
        /** From the authorization request. Only the first ID token contains it. */
        nonce: string | undefined
      }
    | undefined
  refreshToken: string | undefined
}
