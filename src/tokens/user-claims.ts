import { epochSeconds } from '../lib/time/clock.ts'
import { displayName, type User } from '../model/users/user.ts'

/** Adds the claims `names` that the user has a value for to `claims`. The others are left out (§5.3.2). */
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

/** Reads each claim from a user. Undefined, null and the empty string are left out. */
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
