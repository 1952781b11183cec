import { z } from 'zod'
import { deleteClient } from '../../clients/management/delete-client.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from './client-path.ts'

export const deleteClientOperation = (services: Parameters<typeof deleteClient>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: CLIENT_PATH,
    operationId: 'deleteClient',
    tag: CLIENTS_TAG,
    permission: 'clients:delete',
    summary: 'Delete a client',
    description:
      'Deletion is final: everything issued to the client becomes invalid, and its clientId is never reused. With If-Match, the client is only deleted if its version matches.',
    schema: {
      params: clientParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteClient(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
