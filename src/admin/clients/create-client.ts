import { createClient } from '../../clients/management/create-client.ts'
import { newClientWithIdSchema } from '../../clients/settings/schema.ts'
import { dryRunQuerySchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { CLIENTS_PATH, CLIENTS_TAG } from './client-path.ts'
import { createdResponses, sendCreated } from './client-responses.ts'

export const createClientOperation = (services: Parameters<typeof createClient>[0]) =>
  adminOperation({
    method: 'POST',
    path: CLIENTS_PATH,
    operationId: 'createClient',
    tag: CLIENTS_TAG,
    permission: 'clients:create',
    summary: 'Register a client',
    description: 'The secret of a confidential client is in this response only.',
    schema: { querystring: dryRunQuerySchema, body: newClientWithIdSchema, response: createdResponses },
    errors: [400],
    example: {
      name: 'My Application',
      clientType: 'public',
      redirectUris: ['https://myapp.example.com/callback'],
      allowedOrigins: ['https://myapp.example.com'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email'],
    },
    async handle({ context, request, reply }) {
      const created = await createClient(services, context, request.body, { dryRun: isDryRun(request) })
      return sendCreated(reply, created)
    },
  })
