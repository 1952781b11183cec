import type { AuditEvent, RequestMetadata } from '../audit/audit-event.ts'
import type { TeamSummary } from '../teams/team.ts'
import type { Membership } from './membership.ts'
import type { EndedAccess } from './user-directory.ts'
import type { RoleSummary } from './user.ts'

interface OrganisationSummary {
  id: string
  slug: string
  name: string
}

/** A membership as its user sees it. */
export interface OwnMembership extends Pick<Membership, 'state' | 'source' | 'joinedAt'> {
  organisation: OrganisationSummary
  isHome: boolean
}

/** An organisation that a user may join, because it has verified the domain of the user's address. */
export interface MembershipSuggestion {
  organisation: OrganisationSummary
  domain: string
}

/** A member whose home is another organisation. */
export interface GuestMember extends Pick<Membership, 'state' | 'source' | 'suspendedReason' | 'joinedAt'> {
  userId: string
  email: string
  name: string | null
  homeOrganisation: OrganisationSummary
  /** Those in the whole organisation that the guest has by themselves. */
  roles: RoleSummary[]
  teams: TeamSummary[]
}

export interface GuestQuery {
  organisationId: string
  limit: number
  offset: number
  /** Part of the e-mail address or the name. */
  search: string | undefined
  /** Only members of one of these teams; undefined: all. */
  teamIds: readonly string[] | undefined
}

/** How a membership is identified. */
export interface MembershipReference {
  userId: string
  organisationId: string
}

/** When an act happened, and where its request came from. */
export interface ActFacts {
  occurredAt: Date
  requestMetadata: RequestMetadata
}

/** Memberships in other organisations than the home. Each change stores its audit event in the same transaction. */
export interface GuestMembershipRepository {
  /** The memberships of a user in active organisations, the home first, and the organisations that the user may join. */
  listForUser(userId: string): Promise<{ memberships: OwnMembership[]; suggestions: MembershipSuggestion[] }>
  /** Makes a user a member of an organisation that the user may join. `unavailable`: the user may not, or is a member. */
  join(membership: MembershipReference, facts: ActFacts): Promise<'joined' | 'unavailable'>
  /** The newest first. */
  listGuests(query: GuestQuery): Promise<{ guests: GuestMember[]; total: number }>
  /** With `teamIds`: only a member of one of these teams. */
  findGuest(
    membership: MembershipReference,
    view: { teamIds: readonly string[] | undefined },
  ): Promise<GuestMember | undefined>
  /** Suspends a guest, whose sessions and grants in the organisation end. */
  suspend(
    membership: MembershipReference,
    reason: string | null,
    event: AuditEvent,
  ): Promise<EndedAccess | 'not_found' | 'last_owner'>
  reactivate(membership: MembershipReference, event: AuditEvent): Promise<'reactivated' | 'not_found'>
  /** Deletes the membership of a guest, likewise, with the roles and teams in the organisation. */
  end(membership: MembershipReference, event: AuditEvent): Promise<EndedAccess | 'not_found' | 'last_owner'>
  /** The same for an active membership: a suspended user could join again otherwise. */
  leave(membership: MembershipReference, event: AuditEvent): Promise<EndedAccess | 'not_found' | 'last_owner'>
}
