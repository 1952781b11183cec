// `authorize/request` owns reading authorization requests: query or form, request objects (JAR, RFC 9101), pushed
// requests (PAR, RFC 9126) and requests that wait for the user. The result is one set of parameters, whatever the source.
// Validating the parameters belongs to `authorize/checks`.

import type { NamedResources } from '../../clients/resources/named-resources.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { RequestedClaims } from '../../model/grants/grant.ts'
import type { RequestedAcr } from '../../oauth/acr.ts'
import type { ResponseType } from '../../oauth/response-type.ts'

export const promptValues = ['none', 'login', 'consent', 'select_account'] as const
export type Prompt = (typeof promptValues)[number]

/** The parts of a validated request that every channel has (OpenID Connect Core §3.1.2.1). */
interface CommonAuthorizationRequest {
  client: RegisteredClient
  scopes: string[]
  /** Claims requested by name. */
  claims: RequestedClaims | undefined
  /** What it is for (RFC 8707). */
  resources: NamedResources
  /** What the user must consent to: `scopes`, those of resources with their identifier, and the scopes of `claims`. */
  consentScopes: string[]
  prompt: ReadonlySet<Prompt>
  /** Maximum age of the user's last sign-in, in seconds. */
  maxAge: number | undefined
  /** The authentication that the client prefers or needs. */
  acr: RequestedAcr | undefined
  loginHint: string | undefined
  uiLocales: string | undefined
  /** The `sub` that the response must be about, from `id_token_hint` or `claims`. */
  hintedSubject: string | undefined
}

/** A request that a browser brought to the authorization endpoint. The response is sent to `redirectUri`. */
export interface BrowserAuthorizationRequest extends CommonAuthorizationRequest {
  channel: 'browser'
  redirectUri: string
  responseType: ResponseType
  nonce: string | undefined
  codeChallenge: string | undefined
  /** The thumbprint of the key that the code is bound to (RFC 9449 §10). */
  dpopJkt: string | undefined
}

/** A request that a device started. The device polls the token endpoint for the result (RFC 8628). */
export interface DeviceAuthorizationRequest extends CommonAuthorizationRequest {
  channel: 'device'
  deviceAuthorizationId: string
}

/** A validated authorization request of a client that may send it, by the channel it came through. */
export type AuthorizationRequest = BrowserAuthorizationRequest | DeviceAuthorizationRequest
