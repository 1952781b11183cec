// `account/invitations` owns what an invited person does: looking at the invitation and accepting it, by JSON and on a page.
// Inviting belongs to `admin/invitations`; creating the user belongs to `users/invitations`.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { defineOperation, noSecurity } from '../../http/json-api/operation.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import {
  acceptInvitation,
  findOpenInvitation,
  type InvitationAcceptance,
} from '../../users/invitations/accept-invitation.ts'
import type { InvitationLimits } from './invitation-limits.ts'

export type InvitationServices = InvitationAcceptance & { invitationLimits: InvitationLimits }

export const TAG = 'Sign-in'
const name = field.displayName.max(100, { error: 'must have at most 100 characters' })
const params = z.object({ token: z.string() })

export const answer = {
  email: z.string({ error: 'must be a string' }).max(320).optional().describe('If sent, the address that was invited.'),
  firstName: name,
  lastName: name,
  password: field.text(1024),
}

export const acceptedSchema = z.object({
  message: z.string(),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
})

export const findInvitationOperation = (services: InvitationServices) =>
  defineOperation({
    method: 'GET',
    path: '/v1/public/invitations/:token',
    operationId: 'findInvitation',
    tag: TAG,
    security: noSecurity,
    summary: 'Look at an invitation',
    schema: {
      params,
      response: {
        200: z.object({
          email: z.string(),
          organisationName: z.string(),
          hasAccount: z
            .boolean()
            .describe(
              'Whether the address has an account: sign in with it, and accept by POST /v1/me/invitations/accept.',
            ),
          invitedBy: z.string().nullable(),
          expiresAt: z.string().describe('ISO 8601.'),
        }),
      },
    },
    errorStatuses: [404],
    async handle({ request }) {
      await services.invitationLimits.views.consume(request.clientAddress.network)
      const found = await findOpenInvitation(services, request.params.token)
      const { email, organisation, hasAccount, invitedBy, expiresAt } = found
      return { email, organisationName: organisation.name, hasAccount, invitedBy, expiresAt: expiresAt.toISOString() }
    },
  })

export const acceptInvitationOperation = (services: InvitationServices) =>
  defineOperation({
    method: 'POST',
    path: '/v1/public/invitations/:token/accept',
    operationId: 'acceptInvitation',
    tag: TAG,
    security: noSecurity,
    summary: 'Accept an invitation',
    description: 'Creates the user, who can sign in with the password.',
    schema: {
      params,
      body: z.strictObject(answer, { error: 'must be a JSON object' }),
      response: { 201: acceptedSchema },
    },
    errorStatuses: [404, 409],
    example: { firstName: 'Grace', lastName: 'Hopper', password: 'YOUR-PASSWORD' },
    async handle({ request, reply }) {
      const { token } = request.params
      return reply.status(201).send(await accept(services, { token, ...request.body }, request))
    },
  })

interface Answer {
  token: string
  email?: string | undefined
  firstName: string
  lastName: string
  password: string
}

/** Accepts an invitation, for each of the operations that do. */
export async function accept(
  services: InvitationServices,
  { token, email, firstName, lastName, password }: Answer,
  request: FastifyRequest,
): Promise<z.output<typeof acceptedSchema>> {
  await services.invitationLimits.answers.consume(request.clientAddress.network)
  const language = chooseLocale(undefined, request.headers['accept-language'])
  const given = { token, email, givenName: firstName, familyName: lastName, password, language }
  const { organisation, ...user } = await acceptInvitation(services, given, requestMetadata(request))
  return {
    message: 'The invitation is accepted. Sign in now.',
    user: { ...user, name: `${firstName} ${lastName}` },
    organisation,
  }
}
