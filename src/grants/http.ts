import type { FastifyInstance, FastifyRequest } from 'fastify'
import { handlePreflight, restrictCorsOrigin } from '../http/security/cors.ts'
import { readForm } from '../http/request/forms.ts'
import type { RequestRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import type { RegisteredClient } from '../model/clients/client.ts'
import { rejectDuplicates, type Parameters } from '../oauth/parameters.ts'
import type { SenderConstraints } from '../tokens/sender-constraint/sender-constraint.http.ts'
import { authorizeDevice, type DeviceAuthorizationOptions } from './authorize-device.ts'
import { exchange, type ExchangeOptions } from './exchange.ts'

export interface GrantRoutesOptions extends ExchangeOptions, DeviceAuthorizationOptions {
  /** Counts requests that leave a row behind, by address. */
  requests: RequestRateLimiter
  /** The client that a request comes from; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  senderConstraints: Pick<SenderConstraints, 'resolve'>
}

/** The token endpoint, and the one where devices begin. */
export function grantRoutes(scope: FastifyInstance, options: GrantRoutesOptions): void {
  scope.post('/oauth2/token', async (request, reply) => {
    void reply.header('pragma', 'no-cache')
    return exchange(
      readForm(request),
      {
        origin: requestMetadata(request),
        authenticate: (form) => options.authenticate(request, form),
        resolveSenderConstraint(client) {
          // A proof leaves a row behind, and a public client is whoever says so.
          if (request.headers['dpop'] !== undefined && client.clientType === 'public')
            options.requests.consume(request.ip)
          return options.senderConstraints.resolve(request, client)
        },
        onAuthenticated: ({ allowedOrigins }) => restrictCorsOrigin(request, reply, allowedOrigins),
      },
      options,
    )
  })
  scope.post('/oauth2/device_authorization', async (request, reply) => {
    options.requests.consume(request.ip)
    const form = readForm(request)
    const client = await options.authenticate(request, form)
    restrictCorsOrigin(request, reply, client.allowedOrigins)
    rejectDuplicates(form)
    return authorizeDevice(form, client, requestMetadata(request), options)
  })
  handlePreflight(scope, '/oauth2/token')
  handlePreflight(scope, '/oauth2/device_authorization')
  rejectOtherMethods(scope, '/oauth2/token', ['POST'])
  rejectOtherMethods(scope, '/oauth2/device_authorization', ['POST'])
}
