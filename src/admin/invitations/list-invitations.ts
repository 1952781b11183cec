import { z } from 'zod'
import { invitationStatuses } from '../../model/invitations/invitation.ts'
import type { InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { INVITATIONS_PATH, INVITATIONS_TAG, invitationSchema, representInvitation } from './invitation.ts'

const querySchema = z.object({
  ...pageParameters,
  search: searchParameter.describe('Part of the e-mail address. Case is ignored.'),
  status: enumParameter(invitationStatuses),
})

export const listInvitationsOperation = ({ invitations, clock }: InvitationManagement) =>
  adminOperation({
    method: 'GET',
    path: INVITATIONS_PATH,
    operationId: 'listInvitations',
    tag: INVITATIONS_TAG,
    permission: 'invitations:read',
    summary: 'List invitations',
    description: 'Newest first, without their links.',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(invitationSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const now = clock.now()
      const search = query.search?.trim() || undefined
      const found = await invitations.list({ organisationId, ...page, now, search, status: query.status })
      return listEnvelope(
        found.invitations.map((invitation) => representInvitation(invitation, now)),
        found.total,
        page,
      )
    },
  })
