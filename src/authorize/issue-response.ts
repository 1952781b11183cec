import type { NamedResources } from '../clients/resources/named-resources.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { Grant } from '../model/grants/grant.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import type { User, UserRepository } from '../model/users/user.ts'
import { OAuthError } from '../oauth/errors.ts'
import { responseTypeIncludes, issuesFrontChannelTokens, type ResponseType } from '../oauth/response-type.ts'
import { issueCode, type ConsumedRequests, type IssueCodeOptions } from './issue-code.ts'
import type { BrowserAuthorizationRequest } from './request/authorization-request.ts'

export interface AuthorizationResponseOptions extends IssueCodeOptions {
  users: Pick<UserRepository, 'findProfile'>
  /** Issues the tokens of the response itself, as response parameters. */
  issueFrontChannelTokens: (issue: {
    client: RegisteredClient
    scopes: readonly string[]
    resources: NamedResources
    grant: Grant
    user: User
    nonce: string | undefined
    responseType: ResponseType
    code: string | undefined
    state: string | undefined
    requestMetadata: RequestMetadata
  }) => Promise<Record<string, string>>
}

/**
 * The parameters of a successful response (RFC 6749 §4.1.2; OpenID Connect Core §3.2.2.5, §3.3.2.5). Throws
 * `invalid_request` if the pending or the pushed request was completed before.
 */
export async function issueAuthorizationResponse(
  request: BrowserAuthorizationRequest,
  session: ActiveSession,
  consumed: ConsumedRequests & { state: string | undefined; requestMetadata: RequestMetadata },
  options: AuthorizationResponseOptions,
): Promise<Record<string, string>> {
  const issued = await issueCode(request, session, consumed, options)
  if (!issued) throw new OAuthError('invalid_request', 'This request was already completed. Start it again.')
  const { client, scopes, resources, nonce, responseType } = request
  const code = responseTypeIncludes(responseType, 'code') ? issued.code : undefined
  const codeParameters: Record<string, string> = code === undefined ? {} : { code }
  if (!issuesFrontChannelTokens(responseType)) return codeParameters

  const profile = await options.users.findProfile(
    { id: session.userId, organisationId: session.organisationId },
    options.clock.now(),
  )
  if (!profile) throw new OAuthError('login_required', 'The account is no longer available.')
  const tokens = await options.issueFrontChannelTokens({
    client,
    scopes,
    resources,
    grant: issued.grant,
    user: profile.user,
    nonce,
    responseType,
    code,
    state: consumed.state,
    requestMetadata: consumed.requestMetadata,
  })
  return { ...codeParameters, ...tokens }
}
