// `grants` owns the token endpoint and the grant types, one file each.
// `exchange` lists the steps of a token request; a grant type verifies what the client presents and returns an authorization.
// Minting tokens belongs to `tokens`. Issuing codes belongs to `authorize`, which this folder never imports.

import { excerpt } from '../lib/text/excerpt.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { tokenRequest } from '../oauth/messages/token-request.ts'
import type { TokenResponse } from '../oauth/messages/token-response.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SenderConstraint } from '../oauth/sender-constraint.ts'
import type { Authorization } from '../tokens/authorization.ts'
import type { GrantType } from './grant-type.ts'

export interface ExchangeOptions {
  grantTypes: readonly GrantType[]
  /** Throws `invalid_request` if the client registered encrypted ID tokens and publishes no usable key. */
  requireIdTokenKey: (client: RegisteredClient) => Promise<void>
  issue: (authorization: Authorization) => Promise<TokenResponse>
}

/** The HTTP request of the form. */
export interface ExchangeRequest {
  metadata: RequestMetadata
  /** Authenticates the client; throws `invalid_client`. */
  authenticate: (form: Parameters) => Promise<RegisteredClient>
  /** The certificate and the key that issued tokens are bound to; throws `invalid_request` and `invalid_dpop_proof`. */
  resolveSenderConstraint: (client: RegisteredClient) => SenderConstraint | Promise<SenderConstraint>
  /** Called with the client as soon as it is authenticated. */
  onAuthenticated: (client: RegisteredClient) => void
}

/** Handles a token request. Throws the errors of RFC 6749 §5.2. */
export async function exchange(
  form: Parameters,
  request: ExchangeRequest,
  { grantTypes, requireIdTokenKey, issue }: ExchangeOptions,
): Promise<TokenResponse> {
  const client = await request.authenticate(form) // RFC 6749 §2.3: by its registered method
  request.onAuthenticated(client)
  const { grant_type: name } = parseMessage(tokenRequest, form) // §3.2: each parameter at most once
  const grant = selectGrant(name, client, grantTypes) // §5.2: supported, and registered for the client
  const senderConstraint = await request.resolveSenderConstraint(client) // RFC 8705, RFC 9449
  // Before the code is consumed: the client can repeat the request when it has published a key.
  if (client.idTokenEncryptedResponseAlg !== null && grant.issuesIdTokens) await requireIdTokenKey(client)
  const authorization = await grant.redeem(form, client, senderConstraint, request.metadata) // §4.1.3, §4.4, §6
  return issue(authorization) // §5.1
}

function selectGrant(name: string, client: RegisteredClient, grantTypes: readonly GrantType[]): GrantType {
  const grant = grantTypes.find((candidate) => candidate.name === name)
  if (!grant) {
    const supported = grantTypes.map((candidate) => candidate.name).join(', ')
    throw new OAuthError(
      'unsupported_grant_type',
      `The grant type '${excerpt(name)}' is not supported. Supported: ${supported}.`,
    )
  }
  if (!client.grantTypes.includes(name)) {
    throw new OAuthError('unauthorized_client', `This client is not registered for the grant type '${name}'.`)
  }
  return grant
}
