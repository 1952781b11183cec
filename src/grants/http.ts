import type { FastifyInstance, FastifyRequest } from 'fastify'
import { handlePreflight, restrictCorsOrigin } from '../http/security/cors.ts'
import { readForm } from '../http/request/forms.ts'
import type { RequestRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import { isAnonymousClient, type RegisteredClient } from '../model/clients/client-cache.ts'
import { rejectDuplicates, type Parameters } from '../oauth/parameters.ts'
import type { SenderConstraints } from '../tokens/sender-constraint/sender-constraint.http.ts'
import { authorizeDevice, type DeviceAuthorizationOptions } from './authorize-device.ts'
import { exchange, type ExchangeOptions } from './exchange.ts'

export interface GrantRoutesOptions extends ExchangeOptions, DeviceAuthorizationOptions {
  /** Limits requests that store a row, per IP address. */
  requests: RequestRateLimiter
  /** Authenticates the client of a request; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  senderConstraints: Pick<SenderConstraints, 'resolve'>
}

/** The token endpoint and the device authorization endpoint. */
export function grantRoutes(scope: FastifyInstance, options: GrantRoutesOptions): void {
  scope.post('/oauth2/token', async (request, reply) => {
    void reply.header('pragma', 'no-cache')
    return exchange(
      readForm(request),
      {
        metadata: requestMetadata(request),
        authenticate: (form) => options.authenticate(request, form),
        resolveSenderConstraint(client) {
          // A DPoP proof stores a row. A public client is not authenticated, and anyone can register an anonymous one.
          if (request.headers['dpop'] !== undefined && (client.clientType === 'public' || isAnonymousClient(client)))
            options.requests.consume(request.clientAddress.network)
          return options.senderConstraints.resolve(request, client)
        },
        onAuthenticated: ({ allowedOrigins }) => restrictCorsOrigin(request, reply, allowedOrigins),
      },
      options,
    )
  })
  scope.post('/oauth2/device_authorization', async (request, reply) => {
    options.requests.consume(request.clientAddress.network)
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
