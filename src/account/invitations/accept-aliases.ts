import { z } from 'zod'
import { conflict, validationError } from '../../http/errors/problem.ts'
import { defineOperation, noSecurity } from '../../http/json-api/operation.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { findOpenInvitation, InvitationUnavailable } from '../../users/invitations/accept-invitation.ts'
import { accept, acceptedSchema, answer, TAG, type InvitationServices } from './invitation-operations.ts'

const token = z.string({ error: 'must be a string' }).max(200, { error: 'must have at most 200 characters' })
const bodySchema = z.strictObject({ token, ...answer }, { error: 'must be a JSON object' })
const example = { token: 'TOKEN', firstName: 'Grace', lastName: 'Hopper', password: 'YOUR-PASSWORD' }

/** The same as accepting an invitation by its path, for programs that send the token in the body. */
export const acceptByTokenOperation = (services: InvitationServices) =>
  defineOperation({
    method: 'POST',
    path: '/v1/auth/invitations/accept',
    operationId: 'acceptInvitationByToken',
    tag: TAG,
    security: noSecurity,
    summary: 'Accept an invitation, with the token in the body',
    schema: { body: bodySchema, response: { 201: acceptedSchema } },
    errorStatuses: [404, 409],
    example,
    handle: async ({ request, reply }) => reply.status(201).send(await accept(services, request.body, request)),
  })

/** The former name, with the statuses that its callers know. */
export const registerOperation = (services: InvitationServices) =>
  defineOperation({
    method: 'POST',
    path: '/v1/auth/register',
    operationId: 'register',
    tag: TAG,
    security: noSecurity,
    summary: 'Accept an invitation (former name)',
    description: 'The e-mail address is required. Another one than that of the invitation is a conflict.',
    schema: {
      body: z.strictObject(
        { token, ...answer, email: z.string({ error: 'must be a string' }).max(320) },
        { error: 'must be a JSON object' },
      ),
      response: { 201: acceptedSchema },
    },
    errorStatuses: [409],
    example: { ...example, email: 'grace@example.com' },
    async handle({ request, reply }) {
      try {
        const invitation = await findOpenInvitation(services, request.body.token)
        if (toEmailKey(invitation.email) !== toEmailKey(request.body.email)) {
          throw conflict('The invitation is for another e-mail address.')
        }
        return await reply.status(201).send(await accept(services, request.body, request))
      } catch (error) {
        if (!(error instanceof InvitationUnavailable)) throw error
        throw validationError([{ path: ['token'], code: 'custom', message: error.message }])
      }
    },
  })
