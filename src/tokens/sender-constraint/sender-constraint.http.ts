import type { FastifyRequest } from 'fastify'
import type { TokenCredentials } from '../../http/request/authorization-header.ts'
import { createClientCertificateReader, type ClientCertificateOptions } from '../../http/request/client-certificate.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { SenderConstraint } from '../../oauth/sender-constraint.ts'
import type { AccessToken } from '../access-token.ts'
import { createDpopNonces } from './dpop-nonce.ts'
import type { DpopOptions } from './verify-dpop-proof.ts'
import {
  verifySenderConstraint,
  resolveDpopKey,
  resolveSenderConstraint,
  type ProofOfPossession,
} from './sender-constraint.ts'

export interface SenderConstraintOptions extends ClientCertificateOptions, Omit<DpopOptions, 'nonces'> {
  issuer: string
  /** The base URL for clients with certificates, if there is one. */
  mtlsUrl: string | undefined
  /** The key of DPoP nonces, the same in every process. */
  nonceKey: Uint8Array
}

/** `resolveSenderConstraint`, `resolveDpopKey` and `verifySenderConstraint` for Fastify requests. */
export interface SenderConstraints {
  resolve(request: FastifyRequest, client: RegisteredClient): SenderConstraint | Promise<SenderConstraint>
  resolveDpopKey(request: FastifyRequest, client: RegisteredClient): Promise<string | undefined>
  verify(
    request: FastifyRequest,
    credentials: TokenCredentials,
    token: Pick<AccessToken, 'senderConstraint'>,
    client: RegisteredClient | undefined,
  ): Promise<void>
}

export function createSenderConstraints(options: SenderConstraintOptions): SenderConstraints {
  const { issuer, mtlsUrl, clock, replayCache, nonceKey } = options
  const certificatesOf = createClientCertificateReader(options)
  const dpop = { clock, replayCache, nonces: createDpopNonces(nonceKey, clock) }
  const baseUrls = mtlsUrl === undefined ? [issuer] : [issuer, mtlsUrl]
  const proofOfPossessionOf = (request: FastifyRequest): ProofOfPossession => {
    const { dpop: proof } = request.headers
    return {
      method: request.method,
      uris() {
        const [path = ''] = request.url.split('?', 1)
        return baseUrls.map((base) => `${base}${path}`)
      },
      // Node joins a repeated header with a comma. The result is not a valid proof.
      dpopProof: Array.isArray(proof) ? proof.join(', ') : proof,
      certificate: () => certificatesOf(request)[0],
    }
  }
  return {
    resolve: (request, client) => resolveSenderConstraint(proofOfPossessionOf(request), client, dpop),
    resolveDpopKey: (request, client) => resolveDpopKey(proofOfPossessionOf(request), client, dpop),
    verify: (request, credentials, token, client) =>
      verifySenderConstraint(proofOfPossessionOf(request), credentials, token, client, dpop),
  }
}
