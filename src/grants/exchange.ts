// `grants` owns the exchange: the token endpoint, whose steps are the lines of `exchange`, and the grants, one a file.
// Each grant proves an authorization; `tokens` mints.

import type { RegisteredClient } from '../model/clients/client.ts'
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
  issue: (authorization: Authorization) => Promise<TokenResponse>
}

/** The request around the form. */
export interface ExchangeRequest {
  origin: RequestMetadata
  /** The client that it comes from; throws `invalid_client`. */
  authenticate: (form: Parameters) => Promise<RegisteredClient>
  /** Who alone may use what is issued to the client, proven; throws `invalid_request` and `invalid_dpop_proof`. */
  resolveSenderConstraint: (client: RegisteredClient) => SenderConstraint | Promise<SenderConstraint>
  /** Told who asks as soon as it is proven. */
  onAuthenticated: (client: RegisteredClient) => void
}

/** Exchanges what a form holds for tokens. Throws the errors of RFC 6749 §5.2. */
export async function exchange(
  form: Parameters,
  request: ExchangeRequest,
  { grantTypes, issue }: ExchangeOptions,
): Promise<TokenResponse> {
  const client = await request.authenticate(form) //                        RFC 6749 §2.3   by the registered method
  request.onAuthenticated(client)
  const { grant_type } = parseMessage(tokenRequest, form) //                §3.2            each parameter once
  const grant = selectGrant(grant_type, client, grantTypes) //                    §5.2            known, and the client's
  const senderConstraint = await request.resolveSenderConstraint(client) //                       RFC 8705, 9449  any bearer, or one alone
  const authorization = await grant.redeem(form, client, senderConstraint, request.origin) // §4.1.3, §6, §4.4
  return issue(authorization) //                                            §5.1
}

function selectGrant(name: string, client: RegisteredClient, grantTypes: readonly GrantType[]): GrantType {
  const grant = grantTypes.find((candidate) => candidate.name === name)
  if (!grant) {
    const supported = grantTypes.map((candidate) => candidate.name).join(', ')
    throw new OAuthError(
      'unsupported_grant_type',
      `The grant type '${name}' is not supported. Supported: ${supported}.`,
    )
  }
  if (!client.grantTypes.includes(name)) {
    throw new OAuthError('unauthorized_client', `This client is not registered for the grant type '${name}'.`)
  }
  return grant
}
