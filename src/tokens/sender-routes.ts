import type { FastifyRequest } from 'fastify'
import type { TokenCredentials } from '../http/bearer.ts'
import { createClientCertificates, type ClientCertificateOptions } from '../http/client-certificate.ts'
import { deriveKey } from '../lib/secret.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { Sender } from '../oauth/sender.ts'
import type { AccessToken } from './access-token.ts'
import { createDpopNonces } from './dpop-nonce.ts'
import type { DpopOptions } from './dpop.ts'
import { confirmSender, proveKey, proveSender, type SenderRequest } from './sender.ts'

export interface RequestSenderOptions extends ClientCertificateOptions, Omit<DpopOptions, 'nonces'> {
  issuer: string
  /** Where clients show their certificates, if anywhere. */
  mtlsUrl: string | undefined
  /** Of the server, the same in every process: nonces are made under it. */
  secret: Uint8Array
}

/** Who sends a request, as `proveSender`, `proveKey` and `confirmSender`. */
export interface RequestSenders {
  prove(request: FastifyRequest, client: RegisteredClient): Sender | Promise<Sender>
  proveKey(request: FastifyRequest, client: RegisteredClient): Promise<string | undefined>
  confirm(
    request: FastifyRequest,
    credentials: TokenCredentials,
    token: Pick<AccessToken, 'sender'>,
    client: RegisteredClient | undefined,
  ): Promise<void>
}

export function createRequestSenders(options: RequestSenderOptions): RequestSenders {
  const { issuer, mtlsUrl, clock, proofs, secret } = options
  const certificateOf = createClientCertificates(options)
  const dpop = { clock, proofs, nonces: createDpopNonces(deriveKey(secret, 'DPoP nonces'), clock) }
  const bases = mtlsUrl === undefined ? [issuer] : [issuer, mtlsUrl]
  const shown = (request: FastifyRequest): SenderRequest => {
    const { dpop: proof } = request.headers
    return {
      method: request.method,
      uris() {
        const [path = ''] = request.url.split('?', 1)
        return bases.map((base) => `${base}${path}`)
      },
      // Sent twice, it comes as one text with a comma, which is no proof.
      proof: Array.isArray(proof) ? proof.join(', ') : proof,
      certificate: () => certificateOf(request),
    }
  }
  return {
    prove: (request, client) => proveSender(shown(request), client, dpop),
    proveKey: (request, client) => proveKey(shown(request), client, dpop),
    confirm: (request, credentials, token, client) => confirmSender(shown(request), credentials, token, client, dpop),
  }
}
