import { claimsOfScope } from '../oauth/scope.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { SubjectDetails } from '../model/grants/grant.ts'
import type { ActiveAccessToken } from './access-token.ts'
import { bearerError } from './bearer-error.ts'
import { claimsAtUserinfo } from './released-claims/claim-values.ts'
import { userClaims } from './user-claims.ts'

/**
 * The claims that an access token gives access to (OpenID Connect Core §5.3, §5.4), and those that its client configured.
 * Throws `insufficient_scope` for a token without `openid`.
 */
export function userinfo(
  { token, subject }: ActiveAccessToken<SubjectDetails>,
  client: RegisteredClient | undefined,
  { issuer, resolveSubject }: { issuer: string; resolveSubject: SubjectResolver },
): Record<string, unknown> {
  if (!token.audience.includes(issuer))
    throw bearerError('invalid_token', 'The access token is not for this server: its aud does not contain the issuer.')
  if (!subject || !token.scopes.includes('openid')) {
    throw bearerError('insufficient_scope', 'The userinfo endpoint requires an access token with the scope openid.', {
      scope: 'openid',
    })
  }
  const { scopes } = token
  const names = [...scopes.flatMap(claimsOfScope), ...(subject.claims?.userinfo ?? [])]
  const sub = client ? resolveSubject(client, subject.user.id) : token.subject
  const claims = userClaims(subject.user, names, { sub })
  if (!client) return claims
  const context = { scopes, requested: subject.claims }
  return { ...claims, ...claimsAtUserinfo({ client, access: subject, user: subject.user }, context) }
}
