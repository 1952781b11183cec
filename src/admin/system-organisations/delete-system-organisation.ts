import { z } from 'zod'
import { entityTag } from '../../http/caching/preconditions.ts'
import {
  deleteOrganisation,
  restoreOrganisation,
  type OrganisationDeletion,
} from '../../organisations/delete-organisation.ts'
import { adminOperation } from '../operation.ts'
import { confirmationQuerySchema, readConfirmation } from '../organisation/confirm-deletion.ts'
import {
  representSystemOrganisation,
  SYSTEM_ORGANISATION_PATH,
  SYSTEM_ORGANISATIONS_TAG,
  systemOrganisationParams,
  systemOrganisationSchema,
} from './system-organisation.ts'

export const deleteSystemOrganisationOperation = (services: OrganisationDeletion) =>
  adminOperation({
    method: 'DELETE',
    path: SYSTEM_ORGANISATION_PATH,
    operationId: 'deleteSystemOrganisation',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:delete',
    operatorOnly: true,
    summary: 'Delete an organisation of the server',
    description:
      "With its slug as confirmation. Every session, grant and token ends at once. The organisation can be restored for 30 days; after that everything that belongs to it is deleted. The operator's own organisation cannot be deleted.",
    schema: {
      params: systemOrganisationParams,
      querystring: confirmationQuerySchema,
      response: { 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      await deleteOrganisation(services, context, request.params.id, readConfirmation(request))
      return reply.status(204).send(null)
    },
  })

export const restoreSystemOrganisationOperation = (services: OrganisationDeletion) =>
  adminOperation({
    method: 'POST',
    path: `${SYSTEM_ORGANISATION_PATH}/restore`,
    operationId: 'restoreSystemOrganisation',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:delete',
    operatorOnly: true,
    summary: 'Restore a deleted organisation',
    description: 'In its former status, with its users and clients. What ended with the deletion stays ended.',
    schema: { params: systemOrganisationParams, response: { 200: systemOrganisationSchema } },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      const restored = await restoreOrganisation(services, context, request.params.id)
      return reply.header('etag', entityTag(restored.version)).send(representSystemOrganisation(restored))
    },
  })
