import { z } from 'zod'
import { deleteSecret } from '../../../clients/management/secrets.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { SECRETS_PATH } from './client-secret.ts'

export const deleteClientSecretOperation = (services: Parameters<typeof deleteSecret>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: `${SECRETS_PATH}/:secretId`,
    operationId: 'deleteClientSecret',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Delete a secret of a client',
    description: 'The secret is rejected immediately. A client without a secret cannot authenticate.',
    schema: {
      params: clientParams.extend({ secretId: z.uuid({ error: 'must be the id of a secret' }) }),
      response: { 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await deleteSecret(services, context, request.params.id, request.params.secretId)
      return reply.status(204).send(null)
    },
  })
