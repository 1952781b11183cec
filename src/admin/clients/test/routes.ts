// `admin/clients/test` owns the route that tests a client's registration.
// It checks redirect URIs, keys and an example authorization request, and changes nothing.
// The single checks belong to `clients/diagnostics`.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../../http/server/allowed-methods.ts'
import type { AdminAccess } from '../../context.ts'
import { clientCheckSchema } from '../../../clients/diagnostics/client-check.ts'
import { createClientTester } from './test-client.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { clientParams } from '../representation.ts'

const testRequestSchema = z
  .strictObject(
    {
      parameters: z
        .record(z.string(), field.text(8_192), { error: 'must be an object of strings' })
        .refine((given) => Object.keys(given).length <= 100, { error: 'must have at most 100 members' })
        .optional()
        .describe(
          'Of the authorization request to explain; left out, of one that should pass. client_id is the client’s.',
        ),
    },
    { error: 'must be a JSON object with nothing but parameters' },
  )
  .nullish()

/** A client, looked at from end to end. */
export function clientTestRoutes(
  scope: FastifyInstance,
  options: Parameters<typeof createClientTester>[0],
  { requirePermission, contextOf }: AdminAccess,
): void {
  const url = '/v1/admin/clients/:id/test'
  const testClient = createClientTester(options)
  scope.withTypeProvider<ZodTypeProvider>().post(
    url,
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags: ['Clients'],
        summary: 'Test a client from end to end',
        description:
          'Needs clients:update. Its settings, keys and addresses, and each check that an authorization request of it goes through. Nothing is issued or changed.',
        params: clientParams,
        body: testRequestSchema,
        response: {
          200: z.object({
            passed: z.boolean().describe('Whether nothing failed.'),
            checks: z.array(clientCheckSchema),
            request: z.array(clientCheckSchema).describe('Empty for a client whose requests cannot be invented.'),
          }),
        },
      },
    },
    async (request) => testClient(contextOf(request), request.params.id, request.body?.parameters),
  )
  rejectOtherMethods(scope, url, ['POST'])
}
