import { epochSeconds } from '../lib/clock.ts'
import { OAuthError } from '../oauth/errors.ts'
import { claimsOfScope } from '../oauth/scope.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient } from '../model/clients/client.ts'
import type { SubjectDetails } from '../model/grants/grant.ts'
import { displayName, type User } from '../model/users/user.ts'
import type { ActiveAccessToken } from './access-token.ts'

/** Throws `invalid_token` with the challenge of RFC 6750 §3 for a token that does not work, whatever the cause. */
export function requireActiveToken<Subject>(
  activeToken: ActiveAccessToken<Subject> | undefined,
): ActiveAccessToken<Subject> {
  if (!activeToken) throw bearerError('invalid_token', 'The access token is expired, revoked, malformed or not ours.')
  return activeToken
}

/** A refusal of a bearer token (RFC 6750 §3.1). Without an error code when no token was sent at all. */
export function bearerError(
  code: 'invalid_token' | 'insufficient_scope' | 'invalid_request',
  description: string,
  options: { omitError?: boolean; scope?: string } = {},
): OAuthError {
  const status = { invalid_token: 401, insufficient_scope: 403, invalid_request: 400 }[code]
  const challengeParameters = options.omitError ? [] : [`error="${code}"`, `error_description="${description}"`]
  if (options.scope !== undefined) challengeParameters.push(`scope="${options.scope}"`)
  const challenge = `Bearer ${['realm="cerberus"', ...challengeParameters].join(', ')}`
  return new OAuthError(code, description, { status, challenge })
}

/**
 * The claims that an access token releases (OpenID Connect Core §5.3, §5.4). Clients of the organisation itself also
 * learn of roles and permissions. Throws `insufficient_scope` for a token without `openid`.
 */
export function userinfo(
  { token, subject }: ActiveAccessToken<SubjectDetails>,
  client: RegisteredClient | undefined,
  { issuer, resolveSubject }: { issuer: string; resolveSubject: SubjectResolver },
): Record<string, unknown> {
  if (!token.audience.includes(issuer)) throw bearerError('invalid_token', 'The access token is for another audience.')
  if (!subject || !token.scopes.includes('openid')) {
    throw bearerError('insufficient_scope', 'Userinfo needs an access token with the scope openid.', {
      scope: 'openid',
    })
  }
  const names = [...token.scopes.flatMap(claimsOfScope), ...(subject.claims?.userinfo ?? [])]
  return {
    ...userClaims(subject.user, names, { sub: client ? resolveSubject(client, subject.user.id) : token.subject }),
    ...(client?.isFirstParty && rolesAndPermissions(subject)),
  }
}

/** `told` with those of the claims `names` that are known about a person; the others are left out (§5.3.2). */
export function userClaims(
  user: User,
  names: readonly string[],
  claims: Record<string, unknown> = {},
): Record<string, unknown> {
  for (const name of names) {
    const value = standardClaimReaders.get(name)?.(user)
    if (value !== null && value !== undefined && value !== '') claims[name] = value
  }
  return claims
}

/** What each claim says of a person; nothing, null and the empty text are not told. */
const standardClaimReaders: ReadonlyMap<string, (user: User) => unknown> = new Map(
  Object.entries<(user: User) => unknown>({
    name: displayName,
    given_name: (user) => user.givenName,
    family_name: (user) => user.familyName,
    middle_name: (user) => user.middleName,
    nickname: (user) => user.nickname,
    preferred_username: (user) => user.preferredUsername,
    profile: (user) => user.profile,
    picture: (user) => user.picture,
    website: (user) => user.website,
    gender: (user) => user.gender,
    birthdate: (user) => user.birthdate,
    zoneinfo: (user) => user.zoneinfo,
    locale: (user) => user.locale,
    updated_at: (user) => epochSeconds(user.updatedAt),
    email: (user) => user.email,
    email_verified: (user) => user.emailVerified,
    phone_number: (user) => user.phoneNumber,
    phone_number_verified: (user) => (user.phoneNumber === null ? null : user.phoneNumberVerified),
    address: (user) => user.address,
  }),
)

function rolesAndPermissions({ organisation, roles }: SubjectDetails): Record<string, unknown> {
  const permissions = [...new Set(roles.flatMap((role) => role.permissions))].sort()
  return {
    organisation,
    roles: roles.map(({ slug, name }) => ({ slug, name })),
    permissions: permissions.map((slug) => ({ name: slug, slug })),
  }
}
