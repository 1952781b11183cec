// `admin/invitations` owns the operations on invitations.
// What they do belongs to `users/invitations`; accepting one belongs to `account/invitations`.

import type { InvitationImportServices } from '../../users/invitations/import-invitations.ts'
import type { AdminResource } from '../operation.ts'
import { createInvitationOperation } from './create-invitation.ts'
import { deleteInvitationOperation } from './delete-invitation.ts'
import { getInvitationOperation } from './get-invitation.ts'
import { importInvitationsOperation } from './import-invitations.ts'
import { listInvitationsOperation } from './list-invitations.ts'
import { resendInvitationOperation } from './resend-invitation.ts'

/** `/v1/admin/invitations`: invitations to become a user of the organisation. */
export const invitationResource = (services: InvitationImportServices): AdminResource => ({
  operations: [
    listInvitationsOperation(services),
    createInvitationOperation(services),
    importInvitationsOperation(services),
    getInvitationOperation(services),
    resendInvitationOperation(services),
    deleteInvitationOperation(services),
  ],
})
