import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerPreflight, restrictOrigin } from '../http/cors.ts'
import { readForm } from '../http/forms.ts'
import type { RequestLimit } from '../http/limits.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import type { RegisteredClient } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { boundTo, pushRequest, readPush, refusalOfPush, type PushOptions } from './push.ts'
import { traceLater, type TraceOptions } from './trace.ts'

export interface PushRoutesOptions extends PushOptions, TraceOptions {
  pushedAuthorizationRequests: PushOptions['pushedAuthorizationRequests'] & TraceOptions['pushedAuthorizationRequests']
  /** Counts requests that leave a row behind, by address. */
  requests: RequestLimit
  /** The client that a request comes from; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  /** The thumbprint of the key that the request proves by DPoP, if it does; throws `invalid_dpop_proof`. */
  proveKey: (request: FastifyRequest, client: RegisteredClient) => Promise<string | undefined>
}

const PATH = '/oauth2/par'

/** The pushed authorization request endpoint (RFC 9126 §2). */
export function pushRoutes(scope: FastifyInstance, options: PushRoutesOptions): void {
  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const client = await options.authenticate(request, form)
    restrictOrigin(request, reply, client.allowedOrigins)
    // A server pushes for all of its people from one address, and has proven itself. Of the others nobody knows who they are.
    if (client.clientType === 'public') options.requests.count(request.ip)
    let parameters: Parameters | undefined
    try {
      parameters = boundTo(await options.proveKey(request, client), await readPush(form, client, options))
      return await reply.status(201).send(await pushRequest(parameters, client, options))
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      // Administrators read why.
      const asked = parameters
        ? { parameters, broughtBy: 'collected' as const }
        : { parameters: form, broughtBy: 'client' as const }
      traceLater({ reference: request.id, refusal: error, ...asked }, options, request.log)
      throw refusalOfPush(error)
    }
  })

  answerPreflight(scope, PATH)
  refuseOtherMethods(scope, PATH, ['POST'])
}
