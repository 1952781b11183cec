import type { RegisteredClient } from '../model/client.ts'
import type { Grant, Subject } from '../model/grant.ts'
import type { EventOrigin } from '../model/security-event.ts'
import type { LiveSession } from '../model/session.ts'
import type { User, UserRepository } from '../model/user.ts'
import { OAuthError } from '../oauth/errors.ts'
import { includes, issuesInFront, type ResponseType } from '../oauth/response-type.ts'
import { issueCode, type Answered, type IssueCodeOptions } from './issue-code.ts'
import type { AuthorizationRequest } from './request.ts'

export interface AnswerOptions extends IssueCodeOptions {
  users: Pick<UserRepository, 'findProfile'>
  /** The tokens that the answer itself carries, as its parameters. */
  issueInFront: (issue: {
    authorization: {
      client: RegisteredClient
      scopes: readonly string[]
      person: { grant: Grant; subject: Subject; nonce: string | undefined }
      refreshToken: undefined
    }
    responseType: ResponseType
    code: string | undefined
    user: User
    origin: EventOrigin
  }) => Promise<Record<string, string>>
}

/**
 * The parameters of a successful answer (RFC 6749 §4.1.2; OpenID Connect Core §3.2.2.5, §3.3.2.5). Throws
 * `invalid_request` where the waiting or the pushed request was answered before.
 */
export async function answer(
  request: AuthorizationRequest,
  session: LiveSession,
  visit: Answered & { origin: EventOrigin },
  options: AnswerOptions,
): Promise<Record<string, string>> {
  const issued = await issueCode(request, session, visit, options)
  if (!issued) throw new OAuthError('invalid_request', 'This request was answered before. Start it again.')
  const { client, scopes, nonce, responseType } = request
  const code = includes(responseType, 'code') ? issued.code : undefined
  const withCode: Record<string, string> = code === undefined ? {} : { code }
  if (!issuesInFront(responseType)) return withCode

  const profile = await options.users.findProfile({ id: session.userId, organisationId: session.organisationId })
  if (!profile) throw new OAuthError('login_required', 'The account is not available any more.')
  const subject = { userId: session.userId, roles: profile.roles.map(({ slug }) => slug).sort() }
  const tokens = await options.issueInFront({
    authorization: { client, scopes, person: { grant: issued.grant, subject, nonce }, refreshToken: undefined },
    responseType,
    code,
    user: profile.user,
    origin: visit.origin,
  })
  return { ...withCode, ...tokens }
}
