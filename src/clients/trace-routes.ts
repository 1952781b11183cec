import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refuseOtherMethods } from '../http/methods.ts'
import { notFound } from '../http/problem-dialect.ts'
import type { Clock } from '../lib/clock.ts'
import type { AuthorizationTraceRepository } from '../model/authorization-trace.ts'
import { createActors, type ActorOptions } from './actor-routes.ts'
import { clientCheckSchema } from './client-check.ts'

export interface TraceRoutesOptions extends ActorOptions {
  authorizationTraces: Pick<AuthorizationTraceRepository, 'find'>
  clock: Clock
}

/** Why an authorization request was refused, by the reference on the error page. */
export function traceRoutes(scope: FastifyInstance, options: TraceRoutesOptions): void {
  const { needs, actorOf } = createActors(options)
  const url = '/v1/admin/traces/:reference'
  scope.withTypeProvider<ZodTypeProvider>().get(
    url,
    {
      onRequest: needs('clients:read'),
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
      const { organisationId } = actorOf(request).administrator
      const { reference } = request.params
      const trace = REFERENCE.test(reference)
        ? await options.authorizationTraces.find({ organisationId, reference }, options.clock.now())
        : undefined
      if (!trace) throw notFound('Nothing is known of a request with this reference, or not any more.')
      const { clientId, error, checks, createdAt, expiresAt } = trace
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
  refuseOtherMethods(scope, url, ['GET'])
}

const REFERENCE = /^[\w-]{8,64}$/
