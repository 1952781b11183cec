import type { FastifyRequest } from 'fastify'
import { createClientCertificateReader, type ClientCertificateOptions } from '../../http/request/client-certificate.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { authenticateClient, type ClientAuthenticationOptions } from './authenticate-client.ts'

export interface RequestAuthenticationOptions extends Omit<ClientAuthenticationOptions, 'audiences'> {
  certificates: ClientCertificateOptions
}

/** Returns `authenticateClient` for Fastify requests with a form. */
export function createRequestAuthentication({ certificates, ...options }: RequestAuthenticationOptions) {
  const certificatesOf = createClientCertificateReader(certificates)
  const { issuer } = options
  const authenticationOptions = { ...options, audiences: [issuer, `${issuer}/oauth2/token`, `${issuer}/oauth2/par`] }
  return (request: FastifyRequest, form: Parameters): Promise<RegisteredClient> => {
    const { authorization } = request.headers
    const clientRequest = { authorization, address: request.clientAddress, certificates: () => certificatesOf(request) }
    return authenticateClient(clientRequest, form, authenticationOptions)
  }
}
