import { z } from 'zod'
import { revokeConsents } from '../../../clients/management/consents.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { CONSENTS_PATH } from './list-client-consents.ts'

export const revokeClientConsentsOperation = (services: Parameters<typeof revokeConsents>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: CONSENTS_PATH,
    operationId: 'revokeClientConsents',
    tag: CLIENTS_TAG,
    permission: 'clients:delete',
    summary: 'Revoke the consents of all users to a client',
    description: 'Revokes their grants, too. Users are asked for consent again. The client stays active.',
    schema: { params: clientParams, response: { 204: z.null().describe('Revoked.') } },
    errors: [404],
    async handle({ context, request, reply }) {
      await revokeConsents(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
