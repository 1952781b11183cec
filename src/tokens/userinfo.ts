import { epochSeconds } from '../lib/clock.ts'
import { OAuthError } from '../oauth/errors.ts'
import { claimsOfScope } from '../oauth/scope.ts'
import type { Subjects } from '../clients/subject.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { SubjectDetails } from '../model/grant.ts'
import { displayName, type User } from '../model/user.ts'
import type { LiveAccessToken } from './access-token.ts'

/** Throws `invalid_token` with the challenge of RFC 6750 §3 for a token that does not work, whatever the cause. */
export function requireLive<Person>(live: LiveAccessToken<Person> | undefined): LiveAccessToken<Person> {
  if (!live) throw bearerError('invalid_token', 'The access token is expired, revoked, malformed or not ours.')
  return live
}

/** A refusal of a bearer token (RFC 6750 §3.1). Without an error code when no token was sent at all. */
export function bearerError(
  code: 'invalid_token' | 'insufficient_scope' | 'invalid_request',
  description: string,
  options: { silent?: boolean; scope?: string } = {},
): OAuthError {
  const status = { invalid_token: 401, insufficient_scope: 403, invalid_request: 400 }[code]
  const members = options.silent ? [] : [`error="${code}"`, `error_description="${description}"`]
  if (options.scope !== undefined) members.push(`scope="${options.scope}"`)
  const challenge = `Bearer ${['realm="cerberus"', ...members].join(', ')}`
  return new OAuthError(code, description, { status, challenge })
}

/**
 * The claims that an access token releases (OpenID Connect Core §5.3, §5.4). Clients of the organisation itself also
 * learn of roles and permissions. Throws `insufficient_scope` for a token without `openid`.
 */
export function userinfo(
  { token, person }: LiveAccessToken<SubjectDetails>,
  client: RegisteredClient | undefined,
  { issuer, subjects }: { issuer: string; subjects: Subjects },
): Record<string, unknown> {
  if (!token.audience.includes(issuer)) throw bearerError('invalid_token', 'The access token is for another audience.')
  if (!person || !token.scopes.includes('openid')) {
    throw bearerError('insufficient_scope', 'Userinfo needs an access token with the scope openid.', {
      scope: 'openid',
    })
  }
  const names = [...token.scopes.flatMap(claimsOfScope), ...(person.claims?.userinfo ?? [])]
  return {
    ...claimsOfPerson(person.user, names, { sub: client ? subjects(client, person.user.id) : token.subject }),
    ...(client?.isFirstParty && rightsOf(person)),
  }
}

/** `told` with those of the claims `names` that are known about a person; the others are left out (§5.3.2). */
export function claimsOfPerson(
  user: User,
  names: readonly string[],
  told: Record<string, unknown> = {},
): Record<string, unknown> {
  for (const name of names) {
    const value = standardClaims.get(name)?.(user)
    if (value !== null && value !== undefined && value !== '') told[name] = value
  }
  return told
}

/** What each claim says of a person; nothing, null and the empty text are not told. */
const standardClaims: ReadonlyMap<string, (user: User) => unknown> = new Map(
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

function rightsOf({ organisation, roles }: SubjectDetails): Record<string, unknown> {
  const permissions = [...new Set(roles.flatMap((role) => role.permissions))].sort()
  return {
    organisation,
    roles: roles.map(({ slug, name }) => ({ slug, name })),
    permissions: permissions.map((slug) => ({ name: slug, slug })),
  }
}
