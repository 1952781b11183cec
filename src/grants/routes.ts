import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerPreflight, restrictOrigin } from '../http/cors.ts'
import { readForm } from '../http/forms.ts'
import type { RequestLimit } from '../http/limits.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import type { RegisteredClient } from '../model/client.ts'
import { refuseRepeated, type Parameters } from '../oauth/params.ts'
import type { RequestSenders } from '../tokens/sender-routes.ts'
import { authorizeDevice, type DeviceAuthorizationOptions } from './device-authorization.ts'
import { exchange, type ExchangeOptions } from './exchange.ts'

export interface GrantRoutesOptions extends ExchangeOptions, DeviceAuthorizationOptions {
  /** Counts requests that leave a row behind, by address. */
  requests: RequestLimit
  /** The client that a request comes from; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  senders: Pick<RequestSenders, 'prove'>
}

/** The token endpoint, and the one where devices begin. */
export function grantRoutes(scope: FastifyInstance, options: GrantRoutesOptions): void {
  scope.post('/oauth2/token', async (request, reply) => {
    void reply.header('pragma', 'no-cache')
    return exchange(
      readForm(request),
      {
        origin: originOf(request),
        authenticate: (form) => options.authenticate(request, form),
        proveSender(client) {
          // A proof leaves a row behind, and a public client is whoever says so.
          if (request.headers['dpop'] !== undefined && client.clientType === 'public')
            options.requests.count(request.ip)
          return options.senders.prove(request, client)
        },
        onClient: ({ allowedOrigins }) => restrictOrigin(request, reply, allowedOrigins),
      },
      options,
    )
  })
  scope.post('/oauth2/device_authorization', async (request, reply) => {
    options.requests.count(request.ip)
    const form = readForm(request)
    const client = await options.authenticate(request, form)
    restrictOrigin(request, reply, client.allowedOrigins)
    refuseRepeated(form)
    return authorizeDevice(form, client, originOf(request), options)
  })
  answerPreflight(scope, '/oauth2/token')
  answerPreflight(scope, '/oauth2/device_authorization')
  refuseOtherMethods(scope, '/oauth2/token', ['POST'])
  refuseOtherMethods(scope, '/oauth2/device_authorization', ['POST'])
}
