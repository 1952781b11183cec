import type { TokenCredentials } from '../http/bearer.ts'
import { thumbprintOf } from '../keys/certificate.ts'
import { signingAlgorithms, type RegisteredClient } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { anyBearer, type Sender } from '../oauth/sender.ts'
import type { AccessToken } from './access-token.ts'
import { useProof, type DpopOptions, type ProofRefusal } from './dpop.ts'
import { bearerError } from './userinfo.ts'

/** What a request shows of who sends it. */
export interface SenderRequest {
  method: string
  /** Its address, without the query, by each name that clients know it by. */
  uris: () => readonly string[]
  /** What its header `DPoP` holds. */
  proof: string | undefined
  /** The certificate of its connection, if any, in PEM or DER; read when it is needed. */
  certificate: () => Buffer | undefined
}

/**
 * Who alone may use what is issued to this client (RFC 8705 §3, RFC 9449 §5). Throws `invalid_request` where it shows no
 * certificate, and `invalid_dpop_proof` and `use_dpop_nonce` for its proof.
 */
export function proveSender(
  request: SenderRequest,
  client: RegisteredClient,
  options: DpopOptions,
): Sender | Promise<Sender> {
  const certificate = client.tlsClientCertificateBoundAccessTokens ? neededCertificate(request) : undefined
  if (request.proof !== undefined || client.dpopBoundAccessTokens) {
    return provenKey(request, client, options).then((key) => ({ certificate, key }))
  }
  return certificate === undefined ? anyBearer : { certificate, key: undefined }
}

/** The thumbprint of the key that a request proves, if it does (RFC 9449 §10.1). Throws as `proveSender`. */
export async function proveKey(
  request: SenderRequest,
  client: RegisteredClient,
  options: DpopOptions,
): Promise<string | undefined> {
  return request.proof === undefined ? undefined : provenKey(request, client, options)
}

/**
 * Throws where the request is not from whom the token is for: `invalid_token`, and for its proof `invalid_dpop_proof` and
 * `use_dpop_nonce` (RFC 8705 §3, RFC 9449 §7).
 */
export async function confirmSender(
  request: SenderRequest,
  { scheme, token }: TokenCredentials,
  { sender }: Pick<AccessToken, 'sender'>,
  client: RegisteredClient | undefined,
  options: DpopOptions,
): Promise<void> {
  if (sender.certificate !== undefined && sender.certificate !== certificateOf(request)) {
    throw bearerError('invalid_token', 'The access token is bound to a certificate that was not shown.')
  }
  if (sender.key === undefined) {
    if (scheme === 'DPoP') throw dpopError('invalid_token', 'The access token is bound to no key: send it as Bearer.')
    return
  }
  if (scheme !== 'DPoP' || !client) {
    throw dpopError('invalid_token', 'The access token is bound to a key: send it as DPoP, with a proof.')
  }
  const { method, uris, proof } = request
  const proven = await useProof(proof, { method, uris: uris(), client, accessToken: token }, options)
  if ('error' in proven) throw dpopError(proven.error, proven.description, nonceFor(proven, options))
  if (proven.key !== sender.key) {
    throw dpopError('invalid_dpop_proof', 'The DPoP proof is by another key than the access token is bound to.')
  }
}

async function provenKey(request: SenderRequest, client: RegisteredClient, options: DpopOptions): Promise<string> {
  const { method, uris, proof } = request
  const proven = await useProof(proof, { method, uris: uris(), client, accessToken: undefined }, options)
  if ('key' in proven) return proven.key
  throw new OAuthError(proven.error, proven.description, nonceFor(proven, options))
}

function nonceFor({ error }: ProofRefusal, { nonces }: DpopOptions): { nonce?: string } {
  return error === 'use_dpop_nonce' ? { nonce: nonces.current() } : {}
}

/** A refusal with the challenge of RFC 9449 §7.1. */
function dpopError(
  code: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce',
  description: string,
  more: { nonce?: string } = {},
): OAuthError {
  const members = [
    'realm="cerberus"',
    `error="${code}"`,
    `error_description="${description}"`,
    `algs="${signingAlgorithms.join(' ')}"`,
  ]
  return new OAuthError(code, description, { status: 401, challenge: `DPoP ${members.join(', ')}`, ...more })
}

function neededCertificate(request: SenderRequest): string {
  const certificate = certificateOf(request)
  if (certificate !== undefined) return certificate
  throw new OAuthError(
    'invalid_request',
    'Access tokens of this client are bound to its certificate: show it at the token endpoint of mtls_endpoint_aliases.',
  )
}

function certificateOf({ certificate }: SenderRequest): string | undefined {
  const shown = certificate()
  return shown && thumbprintOf(shown)
}
