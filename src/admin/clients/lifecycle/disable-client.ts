import { updateClient } from '../../../clients/management/update-client.ts'
import { dryRunQuerySchema } from '../../dry-run.ts'
import { adminOperation } from '../../operation.ts'
import { readUpdateConditions } from '../../preconditions.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'
import { updatedBody, updatedResponses } from '../client-responses.ts'
import { propertyUpdate } from '../client-update.ts'

export const disableClientOperation = (services: Parameters<typeof updateClient>[0]) =>
  adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/disable`,
    operationId: 'disableClient',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Disable a client',
    description: 'Until it is enabled again, the client gets no tokens, and its tokens and grants do not work.',
    schema: { params: clientParams, querystring: dryRunQuerySchema, response: updatedResponses },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const update = propertyUpdate({ isActive: false })
      const conditions = readUpdateConditions(request)
      return updatedBody(reply, await updateClient(services, context, request.params.id, update, conditions))
    },
  })
