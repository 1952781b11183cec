import { updateClient } from '../../../clients/management/update-client.ts'
import { dryRunQuerySchema } from '../../dry-run.ts'
import { adminOperation } from '../../operation.ts'
import { readUpdateConditions } from '../../preconditions.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'
import { updatedBody, updatedResponses } from '../client-responses.ts'
import { propertyUpdate } from '../client-update.ts'

export const enableClientOperation = (services: Parameters<typeof updateClient>[0]) =>
  adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/enable`,
    operationId: 'enableClient',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Enable a client',
    description: 'Everything issued to it before it was disabled works again, unless it was revoked or has expired.',
    schema: { params: clientParams, querystring: dryRunQuerySchema, response: updatedResponses },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const update = propertyUpdate({ isActive: true })
      const conditions = readUpdateConditions(request)
      return updatedBody(reply, await updateClient(services, context, request.params.id, update, conditions))
    },
  })
