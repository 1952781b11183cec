import { epochSeconds } from '../lib/clock.ts'
import { OAuthError } from '../oauth/errors.ts'
import { claimsOfScopes } from '../oauth/scope.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { SubjectDetails } from '../model/grant.ts'
import { displayName, type User } from '../model/user.ts'
import type { LiveAccessToken } from './access-token.ts'

/** Throws `invalid_token` with the challenge of RFC 6750 §3 for a token that does not work, whatever the cause. */
export function requireLive(live: LiveAccessToken | undefined): LiveAccessToken {
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
  live: LiveAccessToken,
  client: Pick<RegisteredClient, 'isFirstParty'> | undefined,
  issuer: string,
): Record<string, unknown> {
  const { token, subject, claims } = live
  if (!token.audience.includes(issuer)) throw bearerError('invalid_token', 'The access token is for another audience.')
  if (!subject || !token.scopes.includes('openid')) {
    throw bearerError('insufficient_scope', 'Userinfo needs an access token with the scope openid.', {
      scope: 'openid',
    })
  }
  return {
    sub: subject.userId,
    ...claimsOfPerson(subject.user, [...claimsOfScopes(token.scopes), ...(claims?.userinfo ?? [])]),
    ...(client?.isFirstParty && rightsOf(subject)),
  }
}

/** Of the claims `names` those that are known about a person; the others are left out (§5.3.2). */
export function claimsOfPerson(user: User, names: Iterable<string>): Record<string, unknown> {
  const released = new Set(names)
  const known = Object.entries(standardClaims(user)).filter(
    ([name, value]) => released.has(name) && value !== null && value !== undefined && value !== '',
  )
  return Object.fromEntries(known)
}

function standardClaims(user: User): Record<string, unknown> {
  return {
    name: displayName(user),
    given_name: user.givenName,
    family_name: user.familyName,
    middle_name: user.middleName,
    nickname: user.nickname,
    preferred_username: user.preferredUsername,
    profile: user.profile,
    picture: user.picture,
    website: user.website,
    gender: user.gender,
    birthdate: user.birthdate,
    zoneinfo: user.zoneinfo,
    locale: user.locale,
    updated_at: epochSeconds(user.updatedAt),
    email: user.email,
    email_verified: user.emailVerified,
    phone_number: user.phoneNumber,
    phone_number_verified: user.phoneNumber === null ? null : user.phoneNumberVerified,
    address: user.address,
  }
}

function rightsOf({ organisation, roleNames, permissions }: SubjectDetails): Record<string, unknown> {
  return { organisation, roles: roleNames, permissions: permissions.map((slug) => ({ name: slug, slug })) }
}
