// `admin/clients/lifecycle` owns the operations that clone, enable, disable and revoke a client.
// Updating other settings belongs to `admin/clients`.

import { z } from 'zod'
import { cloneClient } from '../../../clients/management/create-client.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { dryRunQuerySchema, isDryRun } from '../../dry-run.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'
import { createdResponses, sendCreated } from '../client-responses.ts'

const cloneRequestSchema = z
  .strictObject({ name: field.displayName.optional() }, { error: 'must be a JSON object with no member but name' })
  .nullish()

export const cloneClientOperation = (services: Parameters<typeof cloneClient>[0]) =>
  adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/clone`,
    operationId: 'cloneClient',
    tag: CLIENTS_TAG,
    permission: 'clients:create',
    summary: 'Clone a client',
    description:
      'The new client has the settings of the other one, public keys included, and its own clientId and secret. It is active and does not expire. Grants and secrets are not copied.',
    schema: {
      params: clientParams,
      querystring: dryRunQuerySchema,
      body: cloneRequestSchema,
      response: createdResponses,
    },
    errors: [400, 404],
    example: { name: 'My Second Application' },
    async handle({ context, request, reply }) {
      const options = { name: request.body?.name, dryRun: isDryRun(request) }
      return sendCreated(reply, await cloneClient(services, context, request.params.id, options))
    },
  })
