import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { Grant, Subject } from '../model/grants/grant.ts'
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
    authorization: {
      client: RegisteredClient
      scopes: readonly string[]
      userAuthorization: { grant: Grant; subject: Subject; nonce: string | undefined }
      refreshToken: undefined
    }
    responseType: ResponseType
    code: string | undefined
    state: string | undefined
    user: User
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
  const { client, scopes, nonce, responseType } = request
  const code = responseTypeIncludes(responseType, 'code') ? issued.code : undefined
  const codeParameters: Record<string, string> = code === undefined ? {} : { code }
  if (!issuesFrontChannelTokens(responseType)) return codeParameters

  const profile = await options.users.findProfile(
    { id: session.userId, organisationId: session.organisationId },
    options.clock.now(),
  )
  if (!profile) throw new OAuthError('login_required', 'The account is no longer available.')
  const subject = { userId: session.userId, roles: profile.roles.map(({ slug }) => slug).sort() }
  const tokens = await options.issueFrontChannelTokens({
    authorization: {
      client,
      scopes,
      userAuthorization: { grant: issued.grant, subject, nonce },
      refreshToken: undefined,
    },
    responseType,
    code,
    state: consumed.state,
    user: profile.user,
    requestMetadata: consumed.requestMetadata,
  })
  return { ...codeParameters, ...tokens }
}
