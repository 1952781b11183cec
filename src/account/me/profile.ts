import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import type { UserAttributes } from '../../model/users/user-attribute.ts'
import { displayName, type UserProfile } from '../../model/users/user.ts'
import { personalName, representStandardClaims, standardClaimMembers } from '../../users/details/standard-claims.ts'
import type { AccountCaller } from './caller.ts'

const nullableText = z.string().nullable()

/** The profile of the caller. */
export const profileSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: nullableText,
  firstName: nullableText,
  middleName: nullableText,
  lastName: nullableText,
  nickname: nullableText,
  preferredUsername: nullableText,
  profile: nullableText,
  picture: nullableText,
  website: nullableText,
  gender: nullableText,
  birthdate: nullableText,
  zoneinfo: nullableText,
  locale: nullableText,
  emailVerified: z.boolean(),
  phone: nullableText,
  phoneVerified: z.boolean(),
  address: z.record(z.string(), z.string()).nullable(),
  mfaEnabled: z.boolean(),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  roles: z.array(z.object({ id: z.string(), name: z.string(), slug: z.string() })),
  permissions: z
    .array(z.string())
    .describe('The permissions of all roles together, wildcards such as users:* and * included.'),
  attributes: z
    .record(z.string(), z.unknown())
    .describe('The values of attributes of the organisation that users may read, by name.'),
})

/** Which parts of a profile the caller may see. */
export interface ProfileVisibility {
  phone: boolean
  address: boolean
  permissions: boolean
  attributes: boolean
}

export function representProfile(
  { user, mfaMethods, organisation, roles, permissions }: UserProfile,
  attributes: UserAttributes,
  visibility: ProfileVisibility,
): z.output<typeof profileSchema> {
  return {
    id: user.id,
    email: user.email,
    name: displayName(user) ?? null,
    ...representStandardClaims(user),
    emailVerified: user.emailVerified,
    phone: visibility.phone ? user.phoneNumber : null,
    phoneVerified: visibility.phone && user.phoneNumber !== null && user.phoneNumberVerified,
    address: visibility.address && user.address !== null ? { ...user.address } : null,
    mfaEnabled: mfaMethods.length > 0,
    organisation,
    roles: visibility.permissions ? roles : [],
    permissions: visibility.permissions ? permissions : [],
    attributes: visibility.attributes ? attributes : {},
  }
}

/** The body that updates the caller's profile. */
export const profileChangeSchema = z.strictObject(
  {
    ...standardClaimMembers,
    firstName: personalName.optional(),
    lastName: personalName.optional(),
    attributes: z
      .record(z.string().max(63), z.unknown(), { error: 'must be an object of attributes' })
      .optional()
      .describe('Values of attributes that users may change, by name. Null removes one.'),
  },
  {
    error: field.memberError('has members that cannot be changed here'),
  },
)

/** The account of the caller, as repositories identify it. */
export function accountOf({ userId, organisationId }: AccountCaller): { id: string; organisationId: string } {
  return { id: userId, organisationId }
}

/** The profile, or a 401 problem: the user was blocked or deleted after the caller had been resolved. */
export function requireProfile(profile: UserProfile | undefined): UserProfile {
  if (!profile) throw unauthorized('Sign in first.')
  return profile
}

/** First-party clients see everything. Others see what their scopes include, and no roles, permissions or attributes. */
export function profileVisibilityFor({ firstParty, scopes = [] }: AccountCaller): ProfileVisibility {
  return {
    phone: firstParty || scopes.includes('phone'),
    address: firstParty || scopes.includes('address'),
    permissions: firstParty,
    attributes: firstParty,
  }
}
