import { z } from 'zod'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { renewInvitation, type InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import { adminOperation } from '../operation.ts'
import {
  INVITATION_PATH,
  INVITATIONS_TAG,
  invitationParams,
  issuedInvitationSchema,
  representIssuedInvitation,
} from './invitation.ts'

const DEFAULT_DAYS = 7

export const resendInvitationOperation = (services: InvitationManagement) =>
  adminOperation({
    method: 'POST',
    path: `${INVITATION_PATH}/resend`,
    operationId: 'resendInvitation',
    tag: INVITATIONS_TAG,
    permission: 'invitations:create',
    summary: 'Renew the link of an invitation',
    description: `For ${DEFAULT_DAYS} days from now. The former link stops working. The new one is mailed, or in this response only where the server sends no mail.`,
    schema: {
      params: invitationParams,
      response: { 200: z.object({ message: z.string(), invitation: issuedInvitationSchema }) },
    },
    errors: [400, 404, 409],
    async handle({ context, request }) {
      const language = chooseLocale(undefined, request.headers['accept-language'])
      const delivery = { deliver: undefined, language }
      const issued = await renewInvitation(services, context, request.params.id, DEFAULT_DAYS, delivery)
      return {
        message: 'The invitation has a new link.',
        invitation: representIssuedInvitation(issued, services.clock.now()),
      }
    },
  })
