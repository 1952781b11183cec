// `admin/invitations` owns the operations on invitations.
// What they do belongs to `users/invitations`; accepting one belongs to `account/invitations`.

import type { InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import type { AdminResource } from '../operation.ts'
import { createInvitationOperation } from './create-invitation.ts'
import { deleteInvitationOperation } from './delete-invitation.ts'
import { getInvitationOperation } from './get-invitation.ts'
import { listInvitationsOperation } from './list-invitations.ts'
import { resendInvitationOperation } from './resend-invitation.ts'

/** `/v1/admin/invitations`: invitations to become a user of the organisation. */
export const invitationResource = (services: InvitationManagement): AdminResource => ({
  operations: [
    listInvitationsOperation(services),
    createInvitationOperation(services),
    getInvitationOperation(services),
    resendInvitationOperation(services),
    deleteInvitationOperation(services),
  ],
})
