// `authorize/request` owns reading authorization requests: query or form, request objects (JAR, RFC 9101) and PAR
// (RFC 9126). The result is one set of parameters, whatever the source.
// Validating the parameters belongs to `authorize/checks`.

import type { RegisteredClient } from '../../model/clients/client.ts'
import type { RequestedClaims } from '../../model/grants/grant.ts'
import type { ResponseType } from '../../oauth/response-type.ts'

export const promptValues = ['none', 'login', 'consent', 'select_account'] as const
export type Prompt = (typeof promptValues)[number]

/** An authorization request that makes sense, of a client that may send it (OpenID Connect Core §3.1.2.1). */
export interface AuthorizationRequest {
  client: RegisteredClient
  redirectUri: string
  responseType: ResponseType
  scopes: string[]
  /** Those asked for by name, and what the person is asked for: the scopes, and those that these claims belong to. */
  claims: RequestedClaims | undefined
  consentScopes: string[]
  nonce: string | undefined
  codeChallenge: string | undefined
  /** The thumbprint of the key that the code is bound to (RFC 9449 §10). */
  dpopJkt: string | undefined
  prompt: ReadonlySet<Prompt>
  /** Seconds since the person last proved who they are. */
  maxAge: number | undefined
  loginHint: string | undefined
  uiLocales: string | undefined
  /** The `sub` that the answer must be about, by `id_token_hint` or `claims`. */
  hintedSubject: string | undefined
  /** The device that asks, where no browser does (RFC 8628). */
  deviceAuthorizationId: string | undefined
}
