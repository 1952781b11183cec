import { claimsOfScope } from '../oauth/scope.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { SubjectDetails } from '../model/grants/grant.ts'
import type { ActiveAccessToken } from './access-token.ts'
import { bearerError } from './bearer-error.ts'
import { userClaims } from './claims.ts'

/**
 * The claims that an access token gives access to (OpenID Connect Core §5.3, §5.4). First-party clients also receive roles
 * and permissions. Throws `insufficient_scope` for a token without `openid`.
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
  const names = [...token.scopes.flatMap(claimsOfScope), ...(subject.claims?.userinfo ?? [])]
  return {
    ...userClaims(subject.user, names, { sub: client ? resolveSubject(client, subject.user.id) : token.subject }),
    ...(client?.isFirstParty && rolesAndPermissions(subject)),
  }
}

function rolesAndPermissions({ organisation, roles }: SubjectDetails): Record<string, unknown> {
  const permissions = [...new Set(roles.flatMap((role) => role.permissions))].sort()
  return {
    organisation,
    roles: roles.map(({ slug, name }) => ({ slug, name })),
    permissions: permissions.map((slug) => ({ name: slug, slug })),
  }
}
