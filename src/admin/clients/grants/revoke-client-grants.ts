import { z } from 'zod'
import { revokeGrants } from '../../../clients/management/grants.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { GRANTS_PATH } from './list-client-grants.ts'

export const revokeClientGrantsOperation = (services: Parameters<typeof revokeGrants>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: GRANTS_PATH,
    operationId: 'revokeClientGrants',
    tag: CLIENTS_TAG,
    permission: 'clients:delete',
    summary: 'Revoke everything issued to a client',
    description: 'Includes the tokens of client_credentials. The client stays active and can request new tokens.',
    schema: { params: clientParams, response: { 204: z.null().describe('Revoked.') } },
    errors: [404],
    async handle({ context, request, reply }) {
      await revokeGrants(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
