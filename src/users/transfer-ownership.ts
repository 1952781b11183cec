import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { Denied, InvalidInput } from '../lib/domain-error.ts'
import { isSignedIn, type AdminContext } from '../model/permissions/permission.ts'
import type { RoleAssignmentRepository } from '../model/permissions/role-assignment.ts'
import { UserNotFound } from './errors.ts'
import { findUser, type UserFinder } from './find-user.ts'

export interface OwnershipTransfer extends UserFinder {
  roleAssignments: Pick<RoleAssignmentRepository, 'transferOwnership'>
}

/**
 * Makes another active user the owner in the place of the caller, who must be an owner by themselves, whose role has no
 * end. `confirm` is the slug of the organisation. Throws `UserNotFound`, `InvalidInput` and `Denied`.
 */
export async function transferOwnership(
  services: OwnershipTransfer,
  context: AdminContext,
  { userId, confirm }: { userId: string; confirm: string },
): Promise<void> {
  const { organisationId, organisationSlug, userId: ownerId } = context
  const invalid = (member: string, message: string) => new InvalidInput([{ path: [member], code: 'custom', message }])
  if (confirm !== organisationSlug) throw invalid('confirm', 'must be the slug of the organisation')
  if (ownerId === undefined || !isSignedIn(context)) throw new Denied('Only an owner who is signed in may do this.')
  const user = await findUser(services, context, userId)
  if (user.id === ownerId) throw invalid('userId', 'must be another user')
  const event = createAdminAuditEvent(context, services.clock, 'organisation.ownership_transferred', {
    resource: { type: 'organisation', id: organisationId },
    metadata: { from: ownerId, to: user.id },
    changes: fieldChanges({ owner: ownerId }, { owner: user.id }),
  })
  const outcome = await services.roleAssignments.transferOwnership(
    { organisationId, fromUserId: ownerId, toUserId: user.id },
    event,
  )
  if (outcome === 'not_found') throw new UserNotFound()
  if (outcome === 'not_owner') throw new Denied('Only an owner whose role has no end may do this.')
  if (outcome === 'not_active') throw invalid('userId', 'must be a user who is neither suspended nor blocked')
}
