import type { AuditEvent } from '../audit/audit-event.ts'
import type { UserAttributeChange, UserAttributes, UserAttributeValue } from './user-attribute.ts'
import type { Membership } from './membership.ts'
import type { TeamSummary } from '../teams/team.ts'
import type { RoleSummary, User, UserDetails } from './user.ts'

/** A user as administrators see them. */
export interface DirectoryUser extends User {
  externalId: string | null
  hasPassword: boolean
  /** The second factors that the user has. */
  mfaMethods: readonly string[]
  lastLoginAt: Date | null
  blockedAt: Date | null
  blockedReason: string | null
  deletedAt: Date | null
  createdAt: Date
  membership: Membership
  attributes: UserAttributes
  /** The roles that the user has now by themselves, in the whole organisation. */
  roles: (RoleSummary & { expiresAt: Date | null })[]
  teams: TeamSummary[]
}

/** How a user is identified: always within an organisation. */
export type UserReference = Pick<User, 'id' | 'organisationId'>

export interface NewUser extends UserReference {
  email: string
  emailKey: string
  passwordHash: string | null
  details: UserDetails
  attributes?: readonly UserAttributeChange[] | undefined
}

/** The status of a user in lists. */
export const userStatuses = ['active', 'suspended', 'blocked', 'deleted'] as const
export type UserStatusName = (typeof userStatuses)[number]

/** What lists of users are sorted by. */
export const userSortFields = ['createdAt', 'email', 'name', 'lastLoginAt'] as const
export type UserSortField = (typeof userSortFields)[number]

/** Which users a list contains, and in which order. */
export interface UserQuery {
  organisationId: string
  /** When roles must be in effect. */
  now: Date
  limit: number
  offset: number
  sort: { by: UserSortField; descending: boolean }
  /** Where the previous page ended: the sorted value and the id of its last user. Replaces the offset. */
  after?: UserListPosition | undefined
  /** Part of the e-mail address, a name, the phone number, the id or the external id. */
  search?: string | undefined
  /** The exact e-mail address, in the form of `toEmailKey`. */
  emailKey?: string | undefined
  externalId?: string | undefined
  /** The slug, name or id of a role. */
  role?: string | undefined
  /** The slug, name or id of a team. */
  team?: string | undefined
  /** The values that attributes have, or that lists contain. */
  attributes?: readonly { id: string; value: Exclude<UserAttributeValue, string[]> }[] | undefined
  /** Whether users have a second factor. */
  mfaEnabled?: boolean | undefined
  /** Only members of one of these teams; undefined: all users. */
  teamIds?: readonly string[] | undefined
  /** Undefined: users who are not deleted. */
  status?: UserStatusName | undefined
}

/** The position of a user in a sorted list. */
export interface UserListPosition {
  value: string
  id: string
}

/** At most this many users are counted for a list. */
export const MAX_COUNTED_USERS = 10_000

export interface UserPage {
  users: DirectoryUser[]
  /** At most `MAX_COUNTED_USERS`. */
  total: number
  totalIsCapped: boolean
  /** The position of the last user; undefined if no user follows. */
  end: UserListPosition | undefined
}

/**
 * Why a change was not made. `last_owner`: the organisation would be without an active owner, or with `last_owner_elsewhere`
 * another one in which the user is a member.
 */
export type UserChangeRefusal = 'not_found' | 'last_owner' | 'last_owner_elsewhere'

/** How many sessions and grants an act ended. */
export interface EndedAccess {
  sessions: number
  grants: number
}

/** The users of an organisation, for administrators. Every act stores its audit event in its own transaction. */
export interface UserDirectory {
  list(query: UserQuery): Promise<UserPage>
  /** The user, deleted ones included. */
  /** With `teamIds`: only a member of one of these teams. */
  find(
    user: UserReference,
    view: { now: Date; teamIds?: readonly string[] | undefined },
  ): Promise<DirectoryUser | undefined>
  /** The roles with these ids, with their permissions. */
  findRoles(organisationId: string, ids: readonly string[]): Promise<{ role: RoleSummary; permissions: string[] }[]>
  /** The role of new users, if the organisation has one. */
  findDefaultRole(organisationId: string): Promise<{ role: RoleSummary; permissions: string[] } | undefined>
  /** With roles and teams, of which `grantedBy` is the user who gives them. */
  create(
    user: NewUser,
    access: { roleIds: readonly string[]; teamIds: readonly string[]; grantedBy: string | undefined },
    event: AuditEvent,
  ): Promise<'created' | 'unknown_role' | 'unknown_team' | UserConflict>
  /** `stale`: the user has changed since they were read. */
  update(
    user: UserReference & Pick<User, 'updatedAt'>,
    change: Pick<NewUser, 'details' | 'attributes'>,
    event: AuditEvent,
  ): Promise<'updated' | 'stale' | 'not_found' | UserConflict>
  /** Blocks a user and ends their sessions and grants. */
  block(user: UserReference, reason: string | null, event: AuditEvent): Promise<EndedAccess | UserChangeRefusal>
  unblock(user: UserReference, event: AuditEvent): Promise<'unblocked' | 'not_found'>
  /** Suspends the membership of a user, and ends their sessions and grants in the organisation. */
  suspend(user: UserReference, reason: string | null, event: AuditEvent): Promise<EndedAccess | UserChangeRefusal>
  /** Makes a suspended membership active again. */
  reactivate(user: UserReference, event: AuditEvent): Promise<'reactivated' | 'not_found'>
  /** Marks a user as deleted and ends their sessions and grants. Their e-mail address stays taken until they are erased. */
  delete(user: UserReference, event: AuditEvent): Promise<EndedAccess | UserChangeRefusal>
  restore(user: UserReference, event: AuditEvent): Promise<'restored' | 'not_found' | UserConflict>
  /** Deletes the row of a user, with sessions, consents and roles, and ends their grants. */
  erase(user: UserReference, event: AuditEvent): Promise<EndedAccess | UserChangeRefusal>
  /** Sets the password and ends the sessions and grants of the user. */
  setPassword(user: UserReference, passwordHash: string, event: AuditEvent): Promise<EndedAccess | 'not_found'>
  /** Removes the second factors of a user, and ends their sessions and grants. */
  removeSecondFactors(user: UserReference, event: AuditEvent): Promise<EndedAccess | 'not_found' | 'no_second_factor'>
  /** Ends the sessions of a user, and the grants that depend on them. */
  endSessions(user: UserReference, event: AuditEvent): Promise<EndedAccess | 'not_found'>
}

/** A value that another user has; `attribute_taken`: of a unique attribute. */
export type UserConflict = 'email_taken' | 'external_id_taken' | 'attribute_taken'

/** Deleted users are erased after this time, and then their e-mail address is free. */
export const DELETED_USER_RETENTION_SECONDS = 30 * 86_400
