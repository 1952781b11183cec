// `model/teams` holds teams: groups of members of an organisation, who may have roles together.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { RoleSummary, User } from '../users/user.ts'

/** A team as other resources refer to it. */
export interface TeamSummary {
  id: string
  name: string
  slug: string
}

export type TeamMember = Pick<User, 'id' | 'email' | 'name' | 'givenName' | 'familyName'> & { joinedAt: Date }

/** A team of an organisation. */
export interface Team extends TeamSummary {
  organisationId: string
  description: string | null
  /** The first `MAX_EMBEDDED_MEMBERS`, by the age of their accounts. Deleted users are left out. */
  members: TeamMember[]
  /** At most `MAX_COUNTED_MEMBERS` are counted. */
  memberCount: number
  /** The roles that all members have now, in the whole organisation. */
  roles: RoleSummary[]
  createdAt: Date
  updatedAt: Date
  /** Changes with every write to the team, its members or its roles. */
  version: number
}

export const MAX_EMBEDDED_MEMBERS = 50
/** Of a team, and in the list of its members. */
export const MAX_COUNTED_MEMBERS = 1_000
export const MAX_LISTED_MEMBERS = 10_000

/** How a team is identified: always within an organisation. */
export type TeamReference = Pick<Team, 'id' | 'organisationId'>

/** A team in the version that was read: a write applies to no other. */
export type TeamVersion = TeamReference & Pick<Team, 'version'>

export interface NewTeam extends TeamReference {
  slug: string
  name: string
  description: string | null
}

/** The members that can be changed; undefined keeps the value. */
export interface TeamChange {
  name?: string | undefined
  description?: string | null | undefined
}

/** What lists of teams are sorted by. */
export const teamSortFields = ['name', 'slug', 'createdAt', 'updatedAt'] as const
export type TeamSortField = (typeof teamSortFields)[number]

export interface TeamQuery {
  organisationId: string
  /** When roles must be in effect. */
  now: Date
  limit: number
  offset: number
  sort: { by: TeamSortField; descending: boolean }
  /** Part of the slug, the name or the description. */
  search: string | undefined
  /** The only teams that the caller may see; undefined: all. */
  teamIds: readonly string[] | undefined
}

export interface TeamMemberQuery {
  limit: number
  offset: number
  /** Part of the e-mail address or a name. */
  search: string | undefined
}

/** Each change stores its audit event in the same transaction. `stale`: the team has another version, or does not exist. */
export interface TeamRepository {
  list(query: TeamQuery): Promise<{ teams: Team[]; total: number }>
  find(team: TeamReference, now: Date): Promise<Team | undefined>
  create(team: NewTeam, event: AuditEvent): Promise<'created' | 'slug_taken'>
  update(team: TeamVersion, change: TeamChange, event: AuditEvent): Promise<'updated' | 'stale'>
  /** Deletes a team. Its members lose the roles that they have through it, and roles within it end. */
  delete(team: TeamVersion, event: AuditEvent): Promise<'deleted' | 'stale' | 'last_owner'>
  /** The members, oldest accounts first, and their number, up to `MAX_LISTED_MEMBERS`. */
  listMembers(team: TeamReference, query: TeamMemberQuery): Promise<{ members: TeamMember[]; total: number }>
  /**
   * Adds those of these users who are not members. Adds none where one is not a user of the organisation, whose ids are
   * returned. `eventOf` makes the event of the ids that were added; none is stored for an empty list.
   */
  addMembers(
    team: TeamReference,
    userIds: readonly string[],
    eventOf: (added: string[]) => AuditEvent,
  ): Promise<{ added: string[] } | { unknown: string[] } | 'not_found'>
  /** Removes those of these users who are members. */
  removeMembers(
    team: TeamReference,
    userIds: readonly string[],
    eventOf: (removed: string[]) => AuditEvent,
  ): Promise<{ removed: string[] } | 'not_found' | 'last_owner'>
}
