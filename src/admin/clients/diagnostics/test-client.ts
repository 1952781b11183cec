import { z } from 'zod'
import { clientCheckSchema } from '../../../clients/diagnostics/client-check.ts'
import { createClientTester, type ClientTesterOptions } from '../../../clients/diagnostics/test-client.ts'
import { findClient, type ClientFinder } from '../../../clients/management/find-client.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

const testRequestSchema = z
  .strictObject(
    {
      parameters: z
        .record(z.string(), field.text(8_192), { error: 'must be an object of strings' })
        .refine((given) => Object.keys(given).length <= 100, { error: 'must have at most 100 members' })
        .optional()
        .describe(
          'The parameters of an authorization request to check; by default those of a request that should succeed. client_id is always that of the client.',
        ),
    },
    { error: 'must be a JSON object with no member but parameters' },
  )
  .nullish()

export function testClientOperation(services: ClientTesterOptions & ClientFinder) {
  const testClient = createClientTester(services)
  return adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/test`,
    operationId: 'testClient',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Test a client',
    description:
      'Checks its settings, keys and URLs, and runs the checks of an authorization request. Issues and changes nothing.',
    schema: {
      params: clientParams,
      body: testRequestSchema,
      response: {
        200: z.object({
          passed: z.boolean().describe('Whether no check failed.'),
          checks: z.array(clientCheckSchema),
          request: z
            .array(clientCheckSchema)
            .describe('Empty for a client for which the server cannot make up a request.'),
        }),
      },
    },
    errors: [400, 404],
    example: { parameters: { scope: 'openid email', response_type: 'code' } },
    async handle({ context, request }) {
      const client = await findClient(services, context, request.params.id)
      return testClient(context, client, request.body?.parameters)
    },
  })
}
