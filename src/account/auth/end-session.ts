import { z } from 'zod'
import { sessionSecurity } from '../../http/json-api/operation.ts'
import { authOperation } from './access.ts'
import { endBrowserSession, type SignOutServices } from './sign-out.ts'

export const endSessionOperation = (services: SignOutServices) =>
  authOperation({
    method: 'DELETE',
    path: '/v1/auth/session',
    operationId: 'endSession',
    security: sessionSecurity,
    summary: 'End the session',
    schema: { response: { 204: z.null().describe('Ended.') } },
    errorStatuses: [403],
    async handle({ request, reply }) {
      await endBrowserSession(services, request, reply)
      return reply.status(204).send(null)
    },
  })
