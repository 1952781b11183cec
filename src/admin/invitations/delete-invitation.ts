import { z } from 'zod'
import { revokeInvitation, type InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import { adminOperation } from '../operation.ts'
import { INVITATION_PATH, INVITATIONS_TAG, invitationParams } from './invitation.ts'

export const deleteInvitationOperation = (services: InvitationManagement) =>
  adminOperation({
    method: 'DELETE',
    path: INVITATION_PATH,
    operationId: 'deleteInvitation',
    tag: INVITATIONS_TAG,
    permission: 'invitations:delete',
    summary: 'Revoke an invitation',
    description: 'Its link stops working. The list keeps it as revoked.',
    schema: { params: invitationParams, response: { 204: z.null().describe('Revoked.') } },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      await revokeInvitation(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
