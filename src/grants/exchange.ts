// `grants` owns the exchange: the token endpoint, whose steps are the lines of `exchange`, and the grants, one a file.
// Each grant proves an authorization; `tokens` mints.

import type { RegisteredClient } from '../model/client.ts'
import type { EventOrigin } from '../model/security-event.ts'
import { OAuthError } from '../oauth/errors.ts'
import { refuseRepeated, required, type Parameters } from '../oauth/params.ts'
import type { Sender } from '../oauth/sender.ts'
import type { Authorization } from '../tokens/authorization.ts'
import type { TokenResponse } from '../tokens/issue.ts'
import type { GrantType } from './grant-type.ts'

export interface ExchangeOptions {
  grantTypes: readonly GrantType[]
  issue: (authorization: Authorization) => Promise<TokenResponse>
}

/** The request around the form. */
export interface ExchangeRequest {
  origin: EventOrigin
  /** The client that it comes from; throws `invalid_client`. */
  authenticate: (form: Parameters) => Promise<RegisteredClient>
  /** Who alone may use what is issued to the client, proven; throws `invalid_request` and `invalid_dpop_proof`. */
  proveSender: (client: RegisteredClient) => Sender | Promise<Sender>
  /** Told who asks as soon as it is proven. */
  onClient: (client: RegisteredClient) => void
}

/** Exchanges what a form holds for tokens. Throws the errors of RFC 6749 §5.2. */
export async function exchange(
  form: Parameters,
  request: ExchangeRequest,
  { grantTypes, issue }: ExchangeOptions,
): Promise<TokenResponse> {
  const client = await request.authenticate(form) //                        RFC 6749 §2.3   by the registered method
  request.onClient(client)
  refuseRepeated(form) //                                                   §3.2            each parameter once
  const grant = selectGrant(form, client, grantTypes) //                    §5.2            known, and the client's
  const sender = await request.proveSender(client) //                       RFC 8705, 9449  any bearer, or one alone
  const authorization = await grant.redeem(form, client, sender, request.origin) // §4.1.3, §6, §4.4
  return issue(authorization) //                                            §5.1
}

function selectGrant(form: Parameters, client: RegisteredClient, grantTypes: readonly GrantType[]): GrantType {
  const name = required(form, 'grant_type')
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
