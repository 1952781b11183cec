// `model/users` holds users, their profile claims (OpenID Connect Core §5.1) and the contract of their repository.
// A user has one home organisation, and belongs to organisations by memberships.
// Passwords are stored as Argon2id hashes, imported ones as the hashes of other systems until the first sign-in.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { Organisation } from '../organisations/organisation.ts'
import type { UserAttributeChange } from './user-attribute.ts'
import type { TeamPermissions } from '../permissions/permission.ts'

/** The members of the `address` claim (OpenID Connect Core §5.1.1). */
export interface Address {
  formatted?: string
  street_address?: string
  locality?: string
  region?: string
  postal_code?: string
  country?: string
}

/** A user, with the standard claims of OpenID Connect Core §5.1. */
export interface User {
  id: string
  organisationId: string
  email: string
  emailVerified: boolean
  name: string | null
  givenName: string | null
  familyName: string | null
  middleName: string | null
  nickname: string | null
  preferredUsername: string | null
  profile: string | null
  picture: string | null
  website: string | null
  gender: string | null
  birthdate: string | null
  zoneinfo: string | null
  locale: string | null
  phoneNumber: string | null
  phoneNumberVerified: boolean
  address: Address | null
  updatedAt: Date
}

/** Whether a user may sign in and use what was issued for them. */
export interface UserStatus {
  blockedAt: Date | null
  deletedAt: Date | null
}

export function isUserActive({ blockedAt, deletedAt }: UserStatus): boolean {
  return blockedAt === null && deletedAt === null
}

/** A user with what sign-in verifies. */
export interface UserCredentials {
  user: User
  passwordHash: string | null
  blocked: boolean
  /** Whether the membership in the organisation is active. */
  isMember: boolean
  /** The second factors that the user has. */
  mfaMethods: readonly string[]
  /** The organisation to sign in to. */
  organisation: { id: string; slug: string; name: string; isActive: boolean } & Pick<
    Organisation,
    'sessionLifetime' | 'staySignedInLifetime' | 'requireMfa' | 'offerPasskeys'
  >
}

/** A role as the API returns it. */
export interface RoleSummary {
  id: string
  name: string
  slug: string
}

/** What users see of themselves. */
export interface UserProfile {
  user: User
  /** The second factors that the user has. */
  mfaMethods: readonly string[]
  organisation: { id: string; slug: string; name: string }
  /** In the whole organisation, by themselves or through a team. */
  roles: RoleSummary[]
  permissions: string[]
  /** By the id of a team: the permissions of roles that are limited to it. */
  teamPermissions: TeamPermissions
}

/** The standard claims to set (OpenID Connect Core §5.1); undefined keeps the value, null removes it. */
export interface UserClaims {
  name?: string | null | undefined
  givenName?: string | null | undefined
  familyName?: string | null | undefined
  middleName?: string | null | undefined
  nickname?: string | null | undefined
  preferredUsername?: string | null | undefined
  profile?: string | null | undefined
  picture?: string | null | undefined
  website?: string | null | undefined
  gender?: string | null | undefined
  birthdate?: string | null | undefined
  zoneinfo?: string | null | undefined
  locale?: string | null | undefined
  phoneNumber?: string | null | undefined
  address?: Address | null | undefined
}

/** The same, with what only an administrator sets. */
export interface UserDetails extends UserClaims {
  externalId?: string | null | undefined
  emailVerified?: boolean | undefined
  phoneNumberVerified?: boolean | undefined
}

export interface UserRepository {
  /**
   * The user whose e-mail address has this key (`toEmailKey`), unless deleted, to sign in to this organisation. To the home
   * organisation where none is given, or the user is no member of it.
   */
  findCredentials(emailKey: string, organisationId?: string): Promise<UserCredentials | undefined>
  /** Replaces the password hash if it is still `previous`. */
  replacePasswordHash(user: Pick<User, 'id' | 'organisationId'>, previous: string, next: string): Promise<void>
  /**
   * The profile of a user as a member of this organisation, with the roles that are in effect at `now`. Undefined for a user
   * who is blocked, deleted or not an active member.
   */
  findProfile(user: Pick<User, 'id' | 'organisationId'>, now: Date): Promise<UserProfile | undefined>
  /** Changes claims and attributes and records the event; undefined if the user does not exist. */
  updateProfile(
    user: Pick<User, 'id' | 'organisationId'>,
    change: { details: UserDetails; attributes: readonly UserAttributeChange[] },
    event: AuditEvent,
  ): Promise<UserProfile | undefined | 'attribute_taken'>
}

/** How an e-mail address is compared: NFKC, lower case, without surrounding space. */
export function toEmailKey(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase()
}

/** The name to show for a user, or undefined if it is unknown. */
export function displayName(user: Pick<User, 'name' | 'givenName' | 'familyName'>): string | undefined {
  return user.name ?? fullName(user.givenName, user.familyName) ?? undefined
}

/** The full name of a given and a family name; null if both are unknown. */
export function fullName(givenName: string | null, familyName: string | null): string | null {
  return [givenName, familyName].filter(Boolean).join(' ') || null
}
