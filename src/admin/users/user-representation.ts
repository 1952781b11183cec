import { z } from 'zod'
import { membershipStates } from '../../model/users/membership.ts'
import { userStatuses, type DirectoryUser, type UserStatusName } from '../../model/users/user-directory.ts'
import { displayName } from '../../model/users/user.ts'
import { representStandardClaims } from '../../users/details/standard-claims.ts'

const nullableText = z.string().nullable()
const summary = { id: z.string(), name: z.string(), slug: z.string() }
const instant = z.string().describe('ISO 8601.')

/** A user as administrators see them. */
export const userSchema = z.object({
  id: z.string(),
  externalId: nullableText.describe('The key of the user in another system.'),
  email: z.string(),
  emailVerified: z.boolean(),
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
  phone: nullableText.describe('In E.164 format.'),
  phoneVerified: z.boolean(),
  address: z.record(z.string(), z.string()).nullable(),
  status: z.enum(userStatuses),
  blockedAt: instant.nullable(),
  blockedReason: nullableText,
  deletedAt: instant.nullable().describe('Deleted users are erased after 30 days.'),
  hasPassword: z.boolean().describe('Whether the user can sign in with a password.'),
  mfaEnabled: z.boolean().describe('Whether the user has a second factor.'),
  lastLoginAt: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
  membership: z
    .object({
      state: z.enum(membershipStates),
      source: z.string().describe('How the user joined: local is by an administrator or the server.'),
      suspendedAt: instant.nullable(),
      suspendedReason: nullableText,
      joinedAt: instant,
    })
    .describe('How the user belongs to the organisation.'),
  roles: z
    .array(z.object({ ...summary, expiresAt: instant.nullable().describe('When the role ends; null: it has no end.') }))
    .describe('The roles that the user has now by themselves, in the whole organisation.'),
  teams: z.array(z.object(summary)),
  attributes: z.record(z.string(), z.unknown()).describe('The values of the attributes of the organisation, by name.'),
})

export function representUser(user: DirectoryUser): z.output<typeof userSchema> {
  return {
    id: user.id,
    externalId: user.externalId,
    email: user.email,
    emailVerified: user.emailVerified,
    name: displayName(user) ?? null,
    ...representStandardClaims(user),
    phone: user.phoneNumber,
    phoneVerified: user.phoneNumberVerified,
    address: user.address === null ? null : { ...user.address },
    status: statusOf(user),
    blockedAt: user.blockedAt?.toISOString() ?? null,
    blockedReason: user.blockedReason,
    deletedAt: user.deletedAt?.toISOString() ?? null,
    hasPassword: user.hasPassword,
    mfaEnabled: user.mfaMethods.length > 0,
    lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
    membership: {
      ...user.membership,
      suspendedAt: user.membership.suspendedAt?.toISOString() ?? null,
      joinedAt: user.membership.joinedAt.toISOString(),
    },
    roles: user.roles.map((role) => ({ ...role, expiresAt: role.expiresAt?.toISOString() ?? null })),
    teams: user.teams,
    attributes: user.attributes,
  }
}

function statusOf({ deletedAt, blockedAt, membership }: DirectoryUser): UserStatusName {
  if (deletedAt !== null) return 'deleted'
  if (blockedAt !== null) return 'blocked'
  return membership.state
}
