import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import type { Actors } from './actor-routes.ts'
import { clientCheckSchema } from './client-check.ts'
import { createClientTest } from './client-test.ts'
import * as field from './metadata-fields.ts'
import { clientParams } from './representation.ts'

const body = z
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
  options: Parameters<typeof createClientTest>[0],
  { needs, actorOf }: Actors,
): void {
  const url = '/v1/admin/clients/:id/test'
  const test = createClientTest(options)
  scope.withTypeProvider<ZodTypeProvider>().post(
    url,
    {
      onRequest: needs('clients:update'),
      schema: {
        tags: ['Clients'],
        summary: 'Test a client from end to end',
        description:
          'Needs clients:update. Its settings, keys and addresses, and each check that an authorization request of it goes through. Nothing is issued or changed.',
        params: clientParams,
        body,
        response: {
          200: z.object({
            passed: z.boolean().describe('Whether nothing failed.'),
            checks: z.array(clientCheckSchema),
            request: z.array(clientCheckSchema).describe('Empty for a client whose requests cannot be invented.'),
          }),
        },
      },
    },
    async (request) => test(actorOf(request), request.params.id, request.body?.parameters),
  )
  refuseOtherMethods(scope, url, ['POST'])
}
