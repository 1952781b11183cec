import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerPreflight, restrictOrigin } from '../http/cors.ts'
import { readForm } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { Parameters } from '../oauth/params.ts'
import { exchange, type ExchangeOptions } from './exchange.ts'

export interface GrantRoutesOptions extends ExchangeOptions {
  /** The client that a request comes from; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
}

/** The token endpoint. */
export function grantRoutes(scope: FastifyInstance, options: GrantRoutesOptions): void {
  scope.post('/oauth2/token', async (request, reply) => {
    void reply.header('pragma', 'no-cache')
    return exchange(
      readForm(request),
      {
        origin: originOf(request),
        authenticate: (form) => options.authenticate(request, form),
        onClient: ({ allowedOrigins }) => restrictOrigin(request, reply, allowedOrigins),
      },
      options,
    )
  })
  answerPreflight(scope, '/oauth2/token')
  refuseOtherMethods(scope, '/oauth2/token', ['POST'])
}
