// `users/memberships` owns memberships in other organisations than the home, apart from HTTP. Users join by a verified domain or an invitation.
// To suspend or remove a guest, the caller must hold the permissions that the guest has in the organisation.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { Conflict, NotFound } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { AssignedRole, RoleAssignment } from '../../model/permissions/role-assignment.ts'
import type { GuestMember, GuestMembershipRepository } from '../../model/users/guest-membership.ts'
import { OwnAccount } from '../errors.ts'
import { endedAccess, type UserManagement } from '../find-user.ts'
import { assertHoldsAssignments } from '../held-assignments.ts'
import { assignToSubject, removeFromSubject, type AssignmentRequest, type RoleAssigner } from '../role-assignments.ts'

export interface GuestManagement extends Pick<UserManagement, 'roleAssignments' | 'clock' | 'onSessionsEnded'> {
  guestMemberships: GuestMembershipRepository
}

export class GuestNotFound extends NotFound {
  override readonly name = 'GuestNotFound'

  constructor() {
    super('There is no such member from another organisation.')
  }
}

/** The guest of the organisation, or of the teams of the caller. Throws `GuestNotFound`. */
export async function findGuest(
  { guestMemberships }: Pick<GuestManagement, 'guestMemberships'>,
  { organisationId, limitedToTeams }: AdminContext,
  userId: string,
): Promise<GuestMember> {
  const guest = await guestMemberships.findGuest({ userId, organisationId }, { teamIds: limitedToTeams })
  if (!guest) throw new GuestNotFound()
  return guest
}

/** Throws `PermissionEscalation` as well. */
async function findGuestToChange(services: GuestManagement, context: AdminContext, userId: string) {
  const { organisationId } = context
  const guest = await findGuest(services, context, userId)
  if (guest.userId === context.userId) throw new OwnAccount('suspend or remove')
  const assignments = await services.roleAssignments.listForUser({ id: userId, organisationId })
  assertHoldsAssignments(context, assignments, services.clock.now(), 'The member has')
  return guest
}

function eventOf(
  { clock }: GuestManagement,
  context: AdminContext,
  type: AuditEventType,
  guest: GuestMember,
  after: Pick<GuestMember, 'state' | 'suspendedReason'> | undefined,
) {
  const { state, suspendedReason } = guest
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'user', id: guest.userId },
    changes: fieldChanges({ state, suspendedReason }, after),
  })
}

/**
 * Suspends a guest: sessions and everything issued in the organisation end, and the user cannot join again. Throws
 * `GuestNotFound`, `OwnAccount`, `PermissionEscalation` and `LastOwner`.
 */
export async function suspendGuest(
  services: GuestManagement,
  context: AdminContext,
  userId: string,
  reason: string | null,
): Promise<GuestMember> {
  const guest = await findGuestToChange(services, context, userId)
  const after = { state: 'suspended', suspendedReason: reason } as const
  const event = eventOf(services, context, 'user.suspended', guest, after)
  const { organisationId } = context
  endedAccess(services, await services.guestMemberships.suspend({ userId, organisationId }, reason, event))
  return findGuest(services, context, userId)
}

/** Makes a suspended guest active again. Throws `GuestNotFound`, `PermissionEscalation`, and `Conflict` for an active one. */
export async function reactivateGuest(
  services: GuestManagement,
  context: AdminContext,
  userId: string,
): Promise<GuestMember> {
  const guest = await findGuestToChange(services, context, userId)
  const after = { state: 'active', suspendedReason: null } as const
  const event = eventOf(services, context, 'user.reactivated', guest, after)
  const { organisationId } = context
  const outcome = await services.guestMemberships.reactivate({ userId, organisationId }, event)
  if (outcome === 'not_found') throw new Conflict('The membership is not suspended.')
  return findGuest(services, context, userId)
}

/** Ends the membership of a guest, with roles and teams. Throws as `suspendGuest`. */
export async function removeGuest(services: GuestManagement, context: AdminContext, userId: string): Promise<void> {
  const guest = await findGuestToChange(services, context, userId)
  const event = eventOf(services, context, 'membership.ended', guest, undefined)
  const { organisationId } = context
  endedAccess(services, await services.guestMemberships.end({ userId, organisationId }, event))
}

export type GuestRoleAssigner = GuestManagement & RoleAssigner

/** The roles of a guest in the organisation, as `listUserRoles`. Throws `GuestNotFound`. */
export async function listGuestRoles(
  services: GuestRoleAssigner,
  context: AdminContext,
  userId: string,
): Promise<RoleAssignment[]> {
  const guest = await findGuest(services, context, userId)
  return services.roleAssignments.listForUser(subjectOf(context, guest))
}

/** Gives a guest a role, as `assignRole` does. Throws `GuestNotFound` instead of `UserNotFound`. */
export async function assignGuestRole(
  services: GuestRoleAssigner,
  context: AdminContext,
  userId: string,
  request: AssignmentRequest,
): Promise<boolean> {
  const guest = await findGuest(services, context, userId)
  return assignToSubject(services, context, subjectOf(context, guest), request)
}

/** Takes a role from a guest, as `removeRole` does. */
export async function removeGuestRole(
  services: GuestRoleAssigner,
  context: AdminContext,
  userId: string,
  assigned: AssignedRole,
): Promise<boolean> {
  const guest = await findGuest(services, context, userId)
  return removeFromSubject(services, context, subjectOf(context, guest), assigned)
}

const subjectOf = ({ organisationId }: AdminContext, { userId }: GuestMember) =>
  ({ type: 'user', id: userId, organisationId }) as const
