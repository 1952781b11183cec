import { findInvitation, type InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import { adminOperation } from '../operation.ts'
import {
  INVITATION_PATH,
  INVITATIONS_TAG,
  invitationParams,
  invitationSchema,
  representInvitation,
} from './invitation.ts'

export const getInvitationOperation = (services: InvitationManagement) =>
  adminOperation({
    method: 'GET',
    path: INVITATION_PATH,
    operationId: 'getInvitation',
    tag: INVITATIONS_TAG,
    permission: 'invitations:read',
    summary: 'Get an invitation',
    description: 'Without its link.',
    schema: { params: invitationParams, response: { 200: invitationSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representInvitation(await findInvitation(services, context, request.params.id), services.clock.now())
    },
  })
