import type { FastifyInstance } from 'fastify'
import { answerPreflight, restrictOrigin } from '../http/cors.ts'
import { readForm } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { exchange, type ExchangeOptions } from './exchange.ts'

/** The token endpoint. */
export function grantRoutes(scope: FastifyInstance, options: ExchangeOptions): void {
  scope.post('/oauth2/token', async (request, reply) => {
    void reply.header('pragma', 'no-cache')
    return exchange(
      readForm(request),
      {
        authorization: request.headers.authorization,
        ipAddress: request.ip,
        origin: originOf(request),
        onClient: ({ allowedOrigins }) => restrictOrigin(request, reply, allowedOrigins),
      },
      options,
    )
  })
  answerPreflight(scope, '/oauth2/token')
  refuseOtherMethods(scope, '/oauth2/token', ['POST'])
}
