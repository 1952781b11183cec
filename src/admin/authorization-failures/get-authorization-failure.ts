// `admin/authorization-failures` owns the routes that read why an authorization request failed.
// A failure is found by the reference that the error page shows to the user.
// Recording failures belongs to `authorize/diagnostics`.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { notFound } from '../../http/errors/problem.ts'
import type { Clock } from '../../lib/clock.ts'
import type { AuthorizationFailureRepository } from '../../model/authorization/authorization-failure.ts'
import { createAdminAccess, type AdminAccessOptions } from '../context.ts'
import { clientCheckSchema } from '../../clients/diagnostics/client-check.ts'

export interface AuthorizationFailureRoutesOptions extends AdminAccessOptions {
  authorizationFailures: Pick<AuthorizationFailureRepository, 'find'>
  clock: Clock
}

/** Why an authorization request was refused, by the reference on the error page. */
export function authorizationFailureRoutes(scope: FastifyInstance, options: AuthorizationFailureRoutesOptions): void {
  const { requirePermission, contextOf } = createAdminAccess(options)
  const url = '/v1/admin/traces/:reference'
  scope.withTypeProvider<ZodTypeProvider>().get(
    url,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags: ['Clients'],
        summary: 'Read why an authorization request was refused',
        description:
          'Needs clients:read. Of requests of the clients of the organisation, for an hour; by the reference on the error page, which is also the X-Request-Id of the answer.',
        params: z.object({ reference: z.string().describe('The reference on the error page.') }),
        response: {
          200: z.object({
            reference: z.string(),
            clientId: z.string().describe('The id of the client.'),
            error: z.string(),
            checks: z.array(clientCheckSchema),
            createdAt: z.string(),
            expiresAt: z.string(),
          }),
        },
      },
    },
    async (request) => {
      const { organisationId } = contextOf(request).administrator
      const { reference } = request.params
      const failure = REFERENCE_PATTERN.test(reference)
        ? await options.authorizationFailures.find({ organisationId, reference }, options.clock.now())
        : undefined
      if (!failure) throw notFound('Nothing is known of a request with this reference, or not any more.')
      const { clientId, error, checks, createdAt, expiresAt } = failure
      return {
        reference,
        clientId,
        error,
        checks: [...checks],
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }
    },
  )
  rejectOtherMethods(scope, url, ['GET'])
}

const REFERENCE_PATTERN = /^[\w-]{8,64}$/
