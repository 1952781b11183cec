import { z } from 'zod'
import { revokeGrant } from '../../../clients/management/grants.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { GRANTS_PATH } from './list-client-grants.ts'

export const revokeClientGrantOperation = (services: Parameters<typeof revokeGrant>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: `${GRANTS_PATH}/:grantId`,
    operationId: 'revokeClientGrant',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Revoke a grant of a client',
    description: 'All tokens of the grant stop working immediately.',
    schema: {
      params: clientParams.extend({ grantId: z.uuid({ error: 'must be the id of a grant' }) }),
      response: { 204: z.null().describe('Revoked.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await revokeGrant(services, context, request.params.id, request.params.grantId)
      return reply.status(204).send(null)
    },
  })
