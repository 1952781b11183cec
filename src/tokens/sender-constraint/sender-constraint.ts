// `tokens/sender-constraint` owns binding tokens to a client certificate (RFC 8705 §3) or a DPoP key (RFC 9449).
// It resolves the constraint at the token endpoint and verifies it where a token is used.
// Reading certificates belongs to `keys/certificates`.

import type { TokenCredentials } from '../../http/request/authorization-header.ts'
import { computeCertificateThumbprint } from '../../keys/certificates/certificate.ts'
import { signingAlgorithms, type RegisteredClient } from '../../model/clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { unconstrained, type SenderConstraint } from '../../oauth/sender-constraint.ts'
import type { AccessToken } from '../access-token.ts'
import { verifyDpopProof, type DpopOptions, type DpopProofError } from './verify-dpop-proof.ts'
import { bearerError } from '../userinfo.ts'

/** What a request shows of who sends it. */
export interface ProofOfPossession {
  method: string
  /** Its address, without the query, by each name that clients know it by. */
  uris: () => readonly string[]
  /** What its header `DPoP` holds. */
  dpopProof: string | undefined
  /** The certificate of its connection, if any, in PEM or DER; read when it is needed. */
  certificate: () => Buffer | undefined
}

/**
 * Who alone may use what is issued to this client (RFC 8705 §3, RFC 9449 §5). Throws `invalid_request` where it shows no
 * certificate, and `invalid_dpop_proof` and `use_dpop_nonce` for its proof.
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

/** The thumbprint of the key that a request proves, if it does (RFC 9449 §10.1). Throws as `proveSender`. */
export async function resolveDpopKey(
  request: ProofOfPossession,
  client: RegisteredClient,
  options: DpopOptions,
): Promise<string | undefined> {
  return request.dpopProof === undefined ? undefined : requireDpopKey(request, client, options)
}

/**
 * Throws where the request is not from whom the token is for: `invalid_token`, and for its proof `invalid_dpop_proof` and
 * `use_dpop_nonce` (RFC 8705 §3, RFC 9449 §7).
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
    throw bearerError('invalid_token', 'The access token is bound to a certificate that was not shown.')
  }
  if (senderConstraint.jwkThumbprint === undefined) {
    if (scheme === 'DPoP') throw dpopError('invalid_token', 'The access token is bound to no key: send it as Bearer.')
    return
  }
  if (scheme !== 'DPoP' || !client) {
    throw dpopError('invalid_token', 'The access token is bound to a key: send it as DPoP, with a proof.')
  }
  const { method, uris, dpopProof } = request
  const verified = await verifyDpopProof(dpopProof, { method, uris: uris(), client, accessToken: token }, options)
  if ('error' in verified) throw dpopError(verified.error, verified.description, dpopNonceFor(verified, options))
  if (verified.key !== senderConstraint.jwkThumbprint) {
    throw dpopError('invalid_dpop_proof', 'The DPoP proof is by another key than the access token is bound to.')
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

/** A refusal with the challenge of RFC 9449 §7.1. */
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
    'Access tokens of this client are bound to its certificate: show it at the token endpoint of mtls_endpoint_aliases.',
  )
}

function certificateThumbprintOf({ certificate }: ProofOfPossession): string | undefined {
  const presented = certificate()
  return presented && computeCertificateThumbprint(presented)
}
