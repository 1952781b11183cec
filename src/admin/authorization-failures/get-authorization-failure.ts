import { z } from 'zod'
import { clientCheckSchema } from '../../clients/diagnostics/client-check.ts'
import { notFound } from '../../http/errors/problem.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuthorizationFailureRepository } from '../../model/authorization/authorization-failure.ts'
import { adminOperation } from '../operation.ts'

export interface AuthorizationFailureServices {
  authorizationFailures: Pick<AuthorizationFailureRepository, 'find'>
  clock: Clock
}

const REFERENCE_PATTERN = /^[\w-]{8,100}$/

export const getAuthorizationFailureOperation = ({ authorizationFailures, clock }: AuthorizationFailureServices) =>
  adminOperation({
    method: 'GET',
    path: '/v1/admin/traces/:reference',
    operationId: 'getAuthorizationTrace',
    tag: 'Clients',
    permission: 'clients:read',
    summary: 'Get an authorization failure',
    description:
      'Why an authorization request of a client of the organisation failed, kept for one hour. The reference is on the error page, and is the X-Request-Id of its response.',
    schema: {
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
    errors: [404],
    async handle({ context: { organisationId }, request }) {
      const { reference } = request.params
      const failure = REFERENCE_PATTERN.test(reference)
        ? await authorizationFailures.find({ organisationId, reference }, clock.now())
        : undefined
      if (!failure) throw notFound('There is no authorization failure with this reference, or it has expired.')
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
  })
