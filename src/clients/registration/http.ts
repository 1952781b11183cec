import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken, hasOtherAuthorization } from '../../http/request/authorization-header.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { registerJsonParser } from '../../http/request/json-body.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { excerpt } from '../../lib/text/excerpt.ts'
import type { UnacceptableJson } from '../../lib/json.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { deleteRegistration } from './delete-registration.ts'
import { readRegistration } from './read-registration.ts'
import { registerClient } from './register-client.ts'
import { malformedAuthorization, type RegistrationServices } from './registration.ts'
import { replaceRegistration } from './replace-registration.ts'
import { parseSignedRequest, type MetadataRequest } from './signed-request.ts'

export interface RegistrationRoutesOptions extends RegistrationServices {
  /** Counts registrations by IP address. */
  attempts: AttemptRateLimiter
}

const PATH = '/oauth2/register'

/** The registration endpoint (RFC 7591) and the configuration endpoint of each client (RFC 7592). */
export function registrationRoutes(scope: FastifyInstance, options: RegistrationRoutesOptions): void {
  const { attempts, ...services } = options
  registerJsonParser(scope, { toError: metadataError })
  acceptJwts(scope)

  scope.post(PATH, async (request, reply) => {
    await attempts.consume(request.clientAddress.network)
    // Without this, a mistyped token would register an anonymous client where registration is open.
    if (hasOtherAuthorization(request)) throw malformedAuthorization()
    const domain = request.headers['x-org-domain']
    const response = await registerClient(services, readMetadataBody(request), {
      token: bearerToken(request),
      organisation: Array.isArray(domain) ? domain.join(', ') : domain,
      origin: requestMetadata(request),
    })
    return reply.status(201).send(response)
  })

  const clientPath = `${PATH}/:clientId`
  scope.get<{ Params: { clientId: string } }>(clientPath, (request) =>
    readRegistration(services, request.params.clientId, bearerToken(request)),
  )
  scope.put<{ Params: { clientId: string } }>(clientPath, (request) =>
    replaceRegistration(
      services,
      request.params.clientId,
      bearerToken(request),
      readMetadataBody(request),
      requestMetadata(request),
    ),
  )
  scope.delete<{ Params: { clientId: string } }>(clientPath, async (request, reply) => {
    await deleteRegistration(services, request.params.clientId, bearerToken(request), requestMetadata(request))
    return reply.status(204).send()
  })

  rejectOtherMethods(scope, PATH, ['POST'])
  rejectOtherMethods(scope, clientPath, ['GET', 'PUT', 'DELETE'])
}

/** RFC 7591 §3.2.2. A body that is not JSON at all stays `invalid_request`. */
function metadataError(error: UnacceptableJson): Error {
  if (error.code === 'malformed') return error
  const subject = error.path.length === 0 ? 'The body' : excerpt(error.path.join('.'))
  return new OAuthError('invalid_client_metadata', `${subject} ${error.message}.`)
}

const JWT = 'application/jwt'

/** Reads a body of the type application/jwt as text. */
function acceptJwts(scope: FastifyInstance): void {
  scope.addContentTypeParser(JWT, { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

/** The metadata of a request, by its media type. A string in a JSON body is not parsed as a JWT. */
function readMetadataBody({ headers, body }: FastifyRequest): MetadataRequest {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() === JWT ? parseSignedRequest(String(body)) : { body, jwt: undefined }
}
