import { z } from 'zod'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { acceptInvitationAsMember } from '../../users/invitations/accept-invitation.ts'
import { accountOperation } from '../me/access.ts'
import type { InvitationServices } from './invitation-operations.ts'

/** Accepting an invitation with the account of its address. Without an account, accepting creates one and needs no session. */
export const acceptAsMemberOperation = (services: InvitationServices) =>
  accountOperation({
    method: 'POST',
    path: '/v1/me/invitations/accept',
    operationId: 'acceptInvitationAsMember',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Accept an invitation with your account',
    description:
      'You become a member of the organisation that invited your e-mail address, with the roles and teams of the invitation. Its administrators see your e-mail address and your name then.',
    schema: {
      body: z.strictObject(
        { token: z.string({ error: 'must be a string' }).max(200, { error: 'must have at most 200 characters' }) },
        { error: 'must be a JSON object with the member token' },
      ),
      response: {
        201: z.object({
          message: z.string(),
          organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
        }),
      },
    },
    errorStatuses: [401, 403, 404, 409],
    example: { token: 'TOKEN' },
    async handle({ context: { userId }, request, reply }) {
      await services.invitationLimits.answers.consume(request.clientAddress.network)
      const answer = { token: request.body.token, userId }
      const organisation = await acceptInvitationAsMember(services, answer, requestMetadata(request))
      return reply.status(201).send({ message: 'You are a member now.', organisation })
    },
  })
