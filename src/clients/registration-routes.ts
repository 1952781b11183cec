import type { FastifyInstance } from 'fastify'
import { bearerToken } from '../http/bearer.ts'
import type { AttemptLimit } from '../http/limits.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { createRegistration, type RegistrationOptions } from './registration.ts'

export interface RegistrationRoutesOptions extends RegistrationOptions {
  /** Counts registrations by address. */
  attempts: AttemptLimit
}

const PATH = '/oauth2/register'

/** Dynamic client registration (RFC 7591) and the configuration endpoint of each client (RFC 7592). */
export function registrationRoutes(scope: FastifyInstance, options: RegistrationRoutesOptions): void {
  const registration = createRegistration(options)
  const { attempts } = options

  scope.post(PATH, async (request, reply) => {
    await attempts.take(request.ip)
    const domain = request.headers['x-org-domain']
    const answer = await registration.register(request.body, {
      token: bearerToken(request),
      organisation: Array.isArray(domain) ? domain.join(', ') : domain,
      origin: originOf(request),
    })
    return reply.status(201).send(answer)
  })

  const one = `${PATH}/:clientId`
  scope.get<{ Params: { clientId: string } }>(one, (request) =>
    registration.read(request.params.clientId, bearerToken(request)),
  )
  scope.put<{ Params: { clientId: string } }>(one, (request) =>
    registration.replace(request.params.clientId, bearerToken(request), request.body, originOf(request)),
  )
  scope.delete<{ Params: { clientId: string } }>(one, async (request, reply) => {
    await registration.remove(request.params.clientId, bearerToken(request), originOf(request))
    return reply.status(204).send()
  })

  refuseOtherMethods(scope, PATH, ['POST'])
  refuseOtherMethods(scope, one, ['GET', 'PUT', 'DELETE'])
}
