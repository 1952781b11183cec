import type { FastifyInstance, FastifyRequest } from 'fastify'
import { handlePreflight, restrictCorsOrigin } from '../../http/security/cors.ts'
import { readForm } from '../../http/request/forms.ts'
import type { RequestRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { isAnonymousClient, type RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { bindToDpopKey, storeParRequest, readParRequest, toParError, type ParOptions } from './par.ts'
import { recordFailureInBackground, type AuthorizationFailureOptions } from '../diagnostics/record-failure.ts'

export interface ParRoutesOptions extends ParOptions, AuthorizationFailureOptions {
  pushedAuthorizationRequests: ParOptions['pushedAuthorizationRequests'] &
    AuthorizationFailureOptions['pushedAuthorizationRequests']
  /** Limits requests that store a row, per IP address. */
  requests: RequestRateLimiter
  /** Authenticates the client of a request; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  /** The thumbprint of the key that the request proves by DPoP, if any; throws `invalid_dpop_proof`. */
  resolveDpopKey: (request: FastifyRequest, client: RegisteredClient) => Promise<string | undefined>
}

const PATH = '/oauth2/par'

/** The pushed authorization request endpoint (RFC 9126 §2). */
export function parRoutes(scope: FastifyInstance, options: ParRoutesOptions): void {
  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const client = await options.authenticate(request, form)
    restrictCorsOrigin(request, reply, client.allowedOrigins)
    // A confidential client pushes the requests of all its users from one address, and it is authenticated. That means
    // nothing where anyone can register one.
    if (client.clientType === 'public' || isAnonymousClient(client))
      options.requests.consume(request.clientAddress.network)
    let parameters: Parameters | undefined
    try {
      parameters = bindToDpopKey(
        await options.resolveDpopKey(request, client),
        await readParRequest(form, client, options),
      )
      return await reply.status(201).send(await storeParRequest(parameters, client, options))
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      const failedRequest = parameters
        ? { parameters, source: 'resolved' as const }
        : { parameters: form, source: 'client' as const }
      recordFailureInBackground({ reference: request.id, error, ...failedRequest }, options, request.log)
      throw toParError(error)
    }
  })

  handlePreflight(scope, PATH)
  rejectOtherMethods(scope, PATH, ['POST'])
}
