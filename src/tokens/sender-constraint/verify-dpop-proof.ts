import { parseUrl } from '../../lib/url.ts'
import { profileOf } from '../../clients/settings/profiles.ts'
import { readDpopProof } from '../../keys/dpop-proof.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ReplayCache } from '../../model/replay/replay-cache.ts'
import { MAX_NONCE_AGE_SECONDS, type DpopNonces } from './dpop-nonce.ts'

/** Maximum difference between `iat` and the server's clock, in both directions (RFC 9449 §11.1). */
const MAX_PROOF_AGE_SECONDS = 60
/** Maximum difference between the clocks of the server's processes. */
const CLOCK_SKEW_MS = 60_000
const MAX_JTI_LENGTH = 512

export interface DpopOptions {
  clock: Clock
  replayCache: Pick<ReplayCache, 'consume'>
  nonces: DpopNonces
}

/** The request that a proof must match. */
export interface DpopRequest {
  method: string
  /** The URL of the endpoint under each base URL of this server. */
  uris: readonly string[]
  client: RegisteredClient
  /** The access token in the request, at a protected resource. */
  accessToken: string | undefined
}

/** Why a proof is rejected. `description` is for the client. */
export interface DpopProofError {
  error: 'invalid_dpop_proof' | 'use_dpop_nonce'
  description: string
}

/**
 * Verifies the DPoP proof of a request and returns the thumbprint of its key (RFC 9449 §4.3). A valid proof is added to the
 * replay cache, so it can be used once.
 */
export async function verifyDpopProof(
  proofJwt: string | undefined,
  request: DpopRequest,
  { clock, replayCache, nonces }: DpopOptions,
): Promise<{ key: string } | DpopProofError> {
  const invalidProof = (problem: string): DpopProofError => ({
    error: 'invalid_dpop_proof',
    description: `The DPoP proof ${problem}.`,
  })
  if (proofJwt === undefined) return invalidProof('is missing: send it in the header DPoP (RFC 9449 section 4)')
  const { dpopAlgorithms, requiresDpopNonce } = profileOf(request.client)
  const proof = await readDpopProof(proofJwt, dpopAlgorithms, clock.now())
  if ('flaw' in proof) return invalidProof(proof.flaw)
  const { htm, htu, iat, jti, nonce, ath } = proof.claims
  const now = clock.now().getTime() / 1000

  if (htm !== request.method) return invalidProof(`must have the htm ${request.method}`)
  const normalizedHtu = typeof htu === 'string' ? normalizeUri(htu) : undefined
  if (normalizedHtu === undefined || !request.uris.some((uri) => normalizeUri(uri) === normalizedHtu)) {
    return invalidProof('must have the URL of this endpoint as its htu, as published in the server metadata')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) {
    return invalidProof(`must have a jti with at most ${MAX_JTI_LENGTH} characters`)
  }
  if (typeof iat !== 'number') return invalidProof('must have an iat')
  if (request.accessToken !== undefined && ath !== sha256(request.accessToken).toString('base64url')) {
    return invalidProof('must have the SHA-256 of the access token as its ath')
  }
  if (requiresDpopNonce && (typeof nonce !== 'string' || !nonces.isValid(nonce))) {
    return { error: 'use_dpop_nonce', description: 'The DPoP proof must contain the nonce of the header DPoP-Nonce.' }
  }
  // A nonce of this server shows that the proof is recent, whatever the clock of the client says (§11.1).
  if (!requiresDpopNonce && Math.abs(now - iat) > MAX_PROOF_AGE_SECONDS)
    return invalidProof(
      `must be recent: its iat may differ from the server's time by at most ${MAX_PROOF_AGE_SECONDS} seconds`,
    )

  const isFirstUse = await replayCache.consume({
    kind: 'dpop_proof',
    signer: proof.key,
    jti,
    organisationId: request.client.organisationId,
    expiresAt: new Date(
      (requiresDpopNonce ? now + MAX_NONCE_AGE_SECONDS : iat + MAX_PROOF_AGE_SECONDS) * 1000 + CLOCK_SKEW_MS,
    ),
  })
  return isFirstUse ? { key: proof.key } : invalidProof('was used before: use each proof once')
}

/** An http or https URL in the normal form of RFC 3986 §6.2.2 and §6.2.3, without query and fragment. */
function normalizeUri(uri: string): string | undefined {
  const url = parseUrl(uri)
  if (!url) return undefined
  const { protocol, username, password, host, pathname } = url
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return undefined
  const path = pathname.replaceAll(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
  })
  return `${protocol}//${host}${path}`
}
