import { z } from 'zod'
import { deleteOwnOrganisation, type OwnOrganisationDeletion } from '../../organisations/delete-organisation.ts'
import { adminOperation } from '../operation.ts'
import { confirmationQuerySchema, readConfirmation } from './confirm-deletion.ts'
import { ORGANISATION_PATH, ORGANISATION_TAG } from './organisation.ts'

export const deleteOrganisationOperation = (services: OwnOrganisationDeletion) =>
  adminOperation({
    method: 'DELETE',
    path: ORGANISATION_PATH,
    operationId: 'deleteOrganisation',
    tag: ORGANISATION_TAG,
    permission: 'organisation:delete',
    summary: 'Delete your organisation',
    description:
      'Only an owner who is signed in may do it, with the slug as confirmation. Every session, grant and token ends at once. The operator of the server can restore the organisation for 30 days. After that everything that belongs to it is deleted.',
    schema: { querystring: confirmationQuerySchema, response: { 204: z.null().describe('Deleted.') } },
    errors: [400, 409],
    async handle({ context, request, reply }) {
      await deleteOwnOrganisation(services, context, readConfirmation(request))
      return reply.status(204).send(null)
    },
  })
