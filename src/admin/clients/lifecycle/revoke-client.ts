import { z } from 'zod'
import { revokeClient } from '../../../clients/management/delete-client.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

export const revokeClientOperation = (services: Parameters<typeof revokeClient>[0]) =>
  adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/revoke`,
    operationId: 'revokeClient',
    tag: CLIENTS_TAG,
    permission: 'clients:delete',
    summary: 'Revoke a client',
    description:
      'Disables the client and invalidates everything issued to it. It can be enabled again; what was invalidated stays invalid.',
    schema: { params: clientParams, response: { 200: z.object({ message: z.string() }) } },
    errors: [404],
    async handle({ context, request }) {
      await revokeClient(services, context, request.params.id)
      return { message: 'The client is revoked: it is disabled, and everything issued to it is invalid.' }
    },
  })
