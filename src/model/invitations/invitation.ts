// `model/invitations` holds invitations to become a user of an organisation.
// The token of the link is shown once, and stored as its hash.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { OutgoingMail } from '../mail/outgoing-mail.ts'
import type { TeamSummary } from '../teams/team.ts'
import type { UserConflict, UserReference } from '../users/user-directory.ts'
import type { RoleSummary, UserDetails } from '../users/user.ts'

/** A request that imports invitations has at most this many. */
export const MAX_IMPORTED_INVITATIONS = 200

export interface Invitation {
  id: string
  organisationId: string
  email: string
  /** What the new user gets. Roles and teams that were deleted meanwhile are left out. */
  roles: RoleSummary[]
  teams: TeamSummary[]
  /** Null: a client, or a user who was erased. */
  invitedBy: { id: string; email: string; name: string | null } | null
  expiresAt: Date
  acceptedAt: Date | null
  /** The user who accepted it. */
  acceptedBy: string | null
  revokedAt: Date | null
  createdAt: Date
  updatedAt: Date
}

export const invitationStatuses = ['pending', 'accepted', 'expired', 'revoked'] as const
export type InvitationStatus = (typeof invitationStatuses)[number]

export function invitationStatus(
  { acceptedAt, revokedAt, expiresAt }: Pick<Invitation, 'acceptedAt' | 'revokedAt' | 'expiresAt'>,
  now: Date,
): InvitationStatus {
  if (acceptedAt !== null) return 'accepted'
  if (revokedAt !== null) return 'revoked'
  return expiresAt > now ? 'pending' : 'expired'
}

/** How an invitation is identified: always within an organisation. */
export type InvitationReference = Pick<Invitation, 'id' | 'organisationId'>

export interface NewInvitation extends InvitationReference {
  email: string
  emailKey: string
  tokenHash: Buffer
  roleIds: readonly string[]
  teamIds: readonly string[]
  invitedBy: string | undefined
  expiresAt: Date
  /** Sends the link to the address, and to no other place. */
  mail: OutgoingMail | undefined
}

/** A pending invitation, as its page shows it. */
export interface OpenInvitation {
  id: string
  organisation: { id: string; slug: string; name: string }
  email: string
  /** Whether the address has an account, which accepts the invitation then. */
  hasAccount: boolean
  invitedBy: string | null
  expiresAt: Date
}

export interface InvitationQuery {
  organisationId: string
  limit: number
  offset: number
  now: Date
  /** Part of the e-mail address. */
  search: string | undefined
  status: InvitationStatus | undefined
}

/** The account that accepting an invitation creates. */
export interface InvitedUser {
  id: string
  passwordHash: string
  details: UserDetails
}

/** What a user got by accepting an invitation. */
export interface GivenAccess {
  /** Slugs. */
  roles: string[]
  teamIds: string[]
}

/** The event of accepting an invitation, and the mail to the new user. */
export interface AcceptanceRecord {
  event: AuditEvent
  mail: OutgoingMail | undefined
}

/** What there is of addresses already. */
export interface InvitedAddresses {
  /** The invitations that are open. */
  pending: { id: string; emailKey: string }[]
  /** The addresses of members. */
  members: string[]
}

/** Each change stores its audit event, and the mail that it causes, in the same transaction. */
export interface InvitationRepository {
  /** Newest first. */
  list(query: InvitationQuery): Promise<{ invitations: Invitation[]; total: number }>
  find(invitation: InvitationReference): Promise<Invitation | undefined>
  findByAddress(organisationId: string, emailKeys: readonly string[], now: Date): Promise<InvitedAddresses>
  /** `pending`: the address has an invitation that is open. `user_exists`: it is that of a member of the organisation. */
  create(
    invitation: NewInvitation,
    event: AuditEvent,
  ): Promise<'created' | 'pending' | 'user_exists' | 'unknown_role' | 'unknown_team'>
  /** Gives an invitation that was neither accepted nor revoked another token and end. Returns whether it did. */
  renew(
    invitation: InvitationReference,
    renewal: { tokenHash: Buffer; expiresAt: Date; mail: OutgoingMail | undefined },
    event: AuditEvent,
  ): Promise<boolean>
  /** Revokes an invitation that was neither accepted nor revoked. Returns whether it did. */
  revoke(invitation: InvitationReference, event: AuditEvent): Promise<boolean>
  /** The invitation with this token that can be accepted at `now`. */
  findOpen(tokenHash: Buffer, now: Date): Promise<OpenInvitation | undefined>
  /**
   * Accepts an invitation once, and creates its user, whose address counts as verified if the link was mailed. `unavailable`:
   * it cannot be accepted, or not any more.
   */
  accept(
    tokenHash: Buffer,
    user: InvitedUser,
    now: Date,
    recordOf: (invitation: InvitationReference) => AcceptanceRecord,
  ): Promise<UserReference | 'unavailable' | UserConflict>
  /**
   * Accepts an invitation once, for the active user whose address was invited: the user becomes a member of the organisation,
   * with the roles and teams. `member`: the user is one already.
   */
  acceptAsMember(
    tokenHash: Buffer,
    userId: string,
    now: Date,
    eventsOf: (invitation: InvitationReference, access: GivenAccess) => readonly AuditEvent[],
  ): Promise<'accepted' | 'unavailable' | 'other_address' | 'member'>
}
