import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken } from '../http/bearer.ts'
import type { AttemptLimit } from '../http/limits.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { createRegistration, type RegistrationOptions } from './registration.ts'
import { readSigned, type SentMetadata } from './signed-metadata.ts'

export interface RegistrationRoutesOptions extends RegistrationOptions {
  /** Counts registrations by address. */
  attempts: AttemptLimit
}

const PATH = '/oauth2/register'

/** Dynamic client registration (RFC 7591) and the configuration endpoint of each client (RFC 7592). */
export function registrationRoutes(scope: FastifyInstance, options: RegistrationRoutesOptions): void {
  const registration = createRegistration(options)
  const { attempts } = options
  acceptJwts(scope)

  scope.post(PATH, async (request, reply) => {
    await attempts.take(request.ip)
    const domain = request.headers['x-org-domain']
    const answer = await registration.register(sentWith(request), {
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
    registration.replace(request.params.clientId, bearerToken(request), sentWith(request), originOf(request)),
  )
  scope.delete<{ Params: { clientId: string } }>(one, async (request, reply) => {
    await registration.remove(request.params.clientId, bearerToken(request), originOf(request))
    return reply.status(204).send()
  })

  refuseOtherMethods(scope, PATH, ['POST'])
  refuseOtherMethods(scope, one, ['GET', 'PUT', 'DELETE'])
}

const JWT = 'application/jwt'

/** A body that is a JWT is read as text. */
function acceptJwts(scope: FastifyInstance): void {
  scope.addContentTypeParser(JWT, { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

/** The metadata of a request, by its media type: in JSON a string is no JWT, but metadata that is none. */
function sentWith({ headers, body }: FastifyRequest): SentMetadata {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() === JWT ? readSigned(String(body)) : { body, jwt: undefined }
}
