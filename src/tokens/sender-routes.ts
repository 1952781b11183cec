import type { FastifyRequest } from 'fastify'
import { createClientCertificates, type ClientCertificateOptions } from '../http/client-certificate.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { Sender } from '../oauth/sender.ts'
import type { AccessToken } from './access-token.ts'
import { confirmSender, proveSender } from './sender.ts'

/** Who sends a request, as `proveSender` and `confirmSender`. */
export interface RequestSenders {
  prove(request: FastifyRequest, client: RegisteredClient): Sender
  confirm(request: FastifyRequest, token: Pick<AccessToken, 'sender'>): void
}

export function createRequestSenders({ certificates }: { certificates: ClientCertificateOptions }): RequestSenders {
  const certificateOf = createClientCertificates(certificates)
  const shown = (request: FastifyRequest) => ({ certificate: () => certificateOf(request) })
  return {
    prove: (request, client) => proveSender(shown(request), client),
    confirm: (request, token) => confirmSender(shown(request), token),
  }
}
