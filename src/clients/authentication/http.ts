import type { FastifyRequest } from 'fastify'
import { createClientCertificateReader, type ClientCertificateOptions } from '../../http/request/client-certificate.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { authenticateClient, type ClientAuthenticationOptions } from './authenticate-client.ts'

export interface RequestAuthenticationOptions extends Omit<ClientAuthenticationOptions, 'audiences'> {
  certificates: ClientCertificateOptions
  /** The base URL for clients with certificates, if there is one. */
  mtlsUrl: string | undefined
}

/** Returns `authenticateClient` for Fastify requests with a form. */
export function createRequestAuthentication({ certificates, mtlsUrl, ...options }: RequestAuthenticationOptions) {
  const certificatesOf = createClientCertificateReader(certificates)
  const { issuer } = options
  const endpoints = [issuer, mtlsUrl].flatMap((base) =>
    base === undefined ? [] : [`${base}/oauth2/token`, `${base}/oauth2/par`],
  )
  const authenticationOptions = { ...options, audiences: [issuer, ...endpoints] }
  return (request: FastifyRequest, form: Parameters): Promise<RegisteredClient> => {
    const { authorization } = request.headers
    const clientRequest = { authorization, address: request.clientAddress, certificates: () => certificatesOf(request) }
    return authenticateClient(clientRequest, form, authenticationOptions)
  }
}
