// `tokens/sender-constraint` owns binding tokens to a client certificate (RFC 8705 §3) or a DPoP key (RFC 9449).
// It resolves the constraint at the token endpoint and verifies it where a token is used.
// Reading certificates belongs to `keys/certificates`.

import type { TokenCredentials } from '../../http/request/authorization-header.ts'
import { computeCertificateThumbprint } from '../../keys/certificates/certificate.ts'
import { signingAlgorithms } from '../../model/clients/client-algorithms.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { unconstrained, type SenderConstraint } from '../../oauth/sender-constraint.ts'
import type { AccessToken } from '../access-token.ts'
import { verifyDpopProof, type DpopOptions, type DpopProofError } from './verify-dpop-proof.ts'
import { bearerError } from '../bearer-error.ts'

/** The proof of possession in a request: a client certificate, a DPoP proof, or both. */
export interface ProofOfPossession {
  method: string
  /** The URL of the request without its query, under each base URL of this server. */
  uris: () => readonly string[]
  /** The value of the header `DPoP`. */
  dpopProof: string | undefined
  /** The client certificate in PEM or DER, if any. Read only when needed. */
  certificate: () => Buffer | undefined
}

/**
 * Resolves the constraint for tokens that are issued to this client (RFC 8705 §3, RFC 9449 §5). Throws `invalid_request` if
 * a required certificate is missing, and `invalid_dpop_proof` or `use_dpop_nonce` for its proof.
 */
export function resolveSenderConstraint(
  request: ProofOfPossession,
  client: RegisteredClient,
  options: DpopOptions,
): SenderConstraint | Promise<SenderConstraint> {
  const certificateThumbprint = client.tlsClientCertificateBoundAccessTokens
    ? requireCertificateThumbprint(request)
    : undefined
  if (request.dpopProof !== undefined || client.dpopBoundAccessTokens) {
    return requireDpopKey(request, client, options).then((jwkThumbprint) => ({ certificateThumbprint, jwkThumbprint }))
  }
  return certificateThumbprint === undefined ? unconstrained : { certificateThumbprint, jwkThumbprint: undefined }
}

/** The thumbprint of the DPoP key that a request proves, if any (RFC 9449 §10.1). Throws as `resolveSenderConstraint`. */
export async function resolveDpopKey(
  request: ProofOfPossession,
  client: RegisteredClient,
  options: DpopOptions,
): Promise<string | undefined> {
  return request.dpopProof === undefined ? undefined : requireDpopKey(request, client, options)
}

/**
 * Verifies that a request proves the constraint of its token (RFC 8705 §3, RFC 9449 §7). Throws `invalid_token`, and
 * `invalid_dpop_proof` or `use_dpop_nonce` for its proof.
 */
export async function verifySenderConstraint(
  request: ProofOfPossession,
  { scheme, token }: TokenCredentials,
  { senderConstraint }: Pick<AccessToken, 'senderConstraint'>,
  client: RegisteredClient | undefined,
  options: DpopOptions,
): Promise<void> {
  if (
    senderConstraint.certificateThumbprint !== undefined &&
    senderConstraint.certificateThumbprint !== certificateThumbprintOf(request)
  ) {
    throw bearerError(
      'invalid_token',
      'The access token is bound to a client certificate, and the request does not present it.',
    )
  }
  if (senderConstraint.jwkThumbprint === undefined) {
    if (scheme === 'DPoP')
      throw dpopError('invalid_token', 'The access token is not bound to a key: send it with the scheme Bearer.')
    return
  }
  if (scheme !== 'DPoP' || !client) {
    throw dpopError(
      'invalid_token',
      'The access token is bound to a key: send it with the scheme DPoP and a DPoP proof.',
    )
  }
  const { method, uris, dpopProof } = request
  const verified = await verifyDpopProof(dpopProof, { method, uris: uris(), client, accessToken: token }, options)
  if ('error' in verified) throw dpopError(verified.error, verified.description, dpopNonceFor(verified, options))
  if (verified.key !== senderConstraint.jwkThumbprint) {
    throw dpopError(
      'invalid_dpop_proof',
      'The DPoP proof is signed by a different key than the access token is bound to.',
    )
  }
}

async function requireDpopKey(
  request: ProofOfPossession,
  client: RegisteredClient,
  options: DpopOptions,
): Promise<string> {
  const { method, uris, dpopProof } = request
  const verified = await verifyDpopProof(dpopProof, { method, uris: uris(), client, accessToken: undefined }, options)
  if ('key' in verified) return verified.key
  throw new OAuthError(verified.error, verified.description, dpopNonceFor(verified, options))
}

function dpopNonceFor({ error }: DpopProofError, { nonces }: DpopOptions): { nonce?: string } {
  return error === 'use_dpop_nonce' ? { nonce: nonces.current() } : {}
}

/** An error with the challenge of RFC 9449 §7.1. */
function dpopError(
  code: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce',
  description: string,
  options: { nonce?: string } = {},
): OAuthError {
  const challengeParameters = [
    'realm="cerberus"',
    `error="${code}"`,
    `error_description="${description}"`,
    `algs="${signingAlgorithms.join(' ')}"`,
  ]
  return new OAuthError(code, description, {
    status: 401,
    challenge: `DPoP ${challengeParameters.join(', ')}`,
    ...options,
  })
}

function requireCertificateThumbprint(request: ProofOfPossession): string {
  const thumbprint = certificateThumbprintOf(request)
  if (thumbprint !== undefined) return thumbprint
  throw new OAuthError(
    'invalid_request',
    'Access tokens of this client are bound to its certificate: present the certificate at the token endpoint of mtls_endpoint_aliases.',
  )
}

function certificateThumbprintOf({ certificate }: ProofOfPossession): string | undefined {
  const presented = certificate()
  return presented && computeCertificateThumbprint(presented)
}
