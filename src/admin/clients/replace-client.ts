import { updateClient } from '../../clients/management/update-client.ts'
import { clientChangeSchema } from '../../clients/settings/schema.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from './client-path.ts'
import { updatedBody, updatedResponses } from './client-responses.ts'
import { replacementUpdate } from './client-update.ts'
import { deferBodyValidation } from '../defer-body-validation.ts'

export const replaceClientOperation = (services: Parameters<typeof updateClient>[0]) =>
  adminOperation({
    method: 'PUT',
    path: CLIENT_PATH,
    operationId: 'replaceClient',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Replace a client',
    description:
      'The body is the whole client, such as GET returns it. Members that are left out are reset to their defaults, except isActive, which stays; read-only members may be sent unchanged. If updatedAt is sent and the client has changed since, the request is rejected with 412. With If-Match, the client is only replaced if its version matches.',
    schema: {
      params: clientParams,
      querystring: dryRunQuerySchema,
      body: clientChangeSchema,
      response: updatedResponses,
    },
    errors: [400, 404, 409, 412],
    example: { name: 'My Application', redirectUris: ['https://myapp.example.com/callback'] },
    acceptsIfMatch: true,
    validatorCompiler: deferBodyValidation,
    async handle({ context, request, reply }) {
      const update = replacementUpdate(request.body)
      const conditions = readUpdateConditions(request)
      return updatedBody(reply, await updateClient(services, context, request.params.id, update, conditions))
    },
  })
