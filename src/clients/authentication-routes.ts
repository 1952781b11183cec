import type { FastifyRequest } from 'fastify'
import { createClientCertificates, type ClientCertificateOptions } from '../http/client-certificate.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { Parameters } from '../oauth/params.ts'
import { authenticateClient, type ClientAuthenticationOptions } from './authentication.ts'

export interface RequestAuthenticationOptions extends Omit<ClientAuthenticationOptions, 'audiences'> {
  certificates: ClientCertificateOptions
}

/** Finds the client that a request with a form comes from, as `authenticateClient`. */
export function createRequestAuthentication({ certificates, ...options }: RequestAuthenticationOptions) {
  const certificateOf = createClientCertificates(certificates)
  const { issuer } = options
  const proving = { ...options, audiences: [issuer, `${issuer}/oauth2/token`, `${issuer}/oauth2/par`] }
  return (request: FastifyRequest, form: Parameters): Promise<RegisteredClient> => {
    const { authorization } = request.headers
    const presented = { authorization, ipAddress: request.ip, certificate: () => certificateOf(request) }
    return authenticateClient(presented, form, proving)
  }
}
