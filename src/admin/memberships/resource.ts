// `admin/memberships` owns the operations on members whose home is another organisation.
// What they do belongs to `users/memberships`.

import type { GuestManagement } from '../../users/memberships/manage-guests.ts'
import type { AdminResource } from '../operation.ts'
import {
  listGuestsOperation,
  reactivateGuestOperation,
  removeGuestOperation,
  suspendGuestOperation,
} from './guest-memberships.ts'

/** `/v1/admin/memberships`: members from other organisations. */
export const guestMembershipResource = (services: GuestManagement): AdminResource => ({
  operations: [
    listGuestsOperation(services),
    suspendGuestOperation(services),
    reactivateGuestOperation(services),
    removeGuestOperation(services),
  ],
})
