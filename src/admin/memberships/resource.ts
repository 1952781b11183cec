// `admin/memberships` owns the operations on members whose home is another organisation.
// What they do belongs to `users/memberships`.

import type { GuestRoleAssigner } from '../../users/memberships/manage-guests.ts'
import type { AdminResource } from '../operation.ts'
import {
  getGuestOperation,
  listGuestsOperation,
  reactivateGuestOperation,
  removeGuestOperation,
  suspendGuestOperation,
} from './guest-memberships.ts'
import { assignGuestRoleOperation, listGuestRolesOperation, removeGuestRoleOperation } from './guest-roles.ts'

/** `/v1/admin/memberships`: members from other organisations. */
export const guestMembershipResource = (services: GuestRoleAssigner): AdminResource => ({
  operations: [
    listGuestsOperation(services),
    getGuestOperation(services),
    listGuestRolesOperation(services),
    assignGuestRoleOperation(services),
    removeGuestRoleOperation(services),
    suspendGuestOperation(services),
    reactivateGuestOperation(services),
    removeGuestOperation(services),
  ],
})
