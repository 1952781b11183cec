import { z } from 'zod'
import { revokeConsent } from '../../../clients/management/consents.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { CONSENTS_PATH } from './list-client-consents.ts'

export const revokeClientConsentOperation = (services: Parameters<typeof revokeConsent>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: `${CONSENTS_PATH}/:userId`,
    operationId: 'revokeClientConsent',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Revoke the consent of a user to a client',
    description: 'Revokes the grants of the user to the client, too. The user is asked for consent again.',
    schema: {
      params: clientParams.extend({ userId: z.uuid({ error: 'must be the id of a user' }) }),
      response: { 204: z.null().describe('Revoked.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await revokeConsent(services, context, request.params.id, request.params.userId)
      return reply.status(204).send(null)
    },
  })
