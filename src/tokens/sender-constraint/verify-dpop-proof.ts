import { profileOf } from '../../clients/settings/profiles.ts'
import { readDpopProof } from '../../keys/dpop-proof.ts'
import type { Clock } from '../../lib/clock.ts'
import { sha256 } from '../../lib/hash.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import type { ReplayCache } from '../../model/replay/replay-cache.ts'
import type { DpopNonces } from './dpop-nonce.ts'

/** Seconds that a proof may be old, or its maker's clock ahead (RFC 9449 §11.1). */
const MAX_PROOF_AGE_SECONDS = 60
/** Seconds by which the clocks of our own processes may differ. */
const CLOCK_SKEW_SECONDS = 60
const MAX_JTI_LENGTH = 512

export interface DpopOptions {
  clock: Clock
  replayCache: Pick<ReplayCache, 'consume'>
  nonces: DpopNonces
}

/** The request that a proof must be for. */
export interface DpopRequest {
  method: string
  /** The address of the endpoint, by each name that clients know it by. */
  uris: readonly string[]
  client: RegisteredClient
  /** At a resource, the access token that the proof goes with. */
  accessToken: string | undefined
}

/** Why a proof is not taken. `description` is for the client. */
export interface DpopProofError {
  error: 'invalid_dpop_proof' | 'use_dpop_nonce'
  description: string
}

/**
 * The thumbprint of the key that the sender of this request holds (RFC 9449 §4.3). A proof is used up by it: it is noted
 * last, when nothing else is wrong with it.
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
  const proof = readDpopProof(proofJwt, dpopAlgorithms)
  if ('flaw' in proof) return invalidProof(proof.flaw)
  const { htm, htu, iat, jti, nonce, ath } = proof.claims
  const now = clock.now().getTime() / 1000

  if (htm !== request.method) return invalidProof(`must have ${request.method} as its htm`)
  const normalizedHtu = typeof htu === 'string' ? normalizeUri(htu) : undefined
  if (normalizedHtu === undefined || !request.uris.some((uri) => normalizeUri(uri) === normalizedHtu)) {
    return invalidProof('must have the address of this endpoint, under the issuer, as its htu')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) {
    return invalidProof(`must have a jti, of ${MAX_JTI_LENGTH} characters at most`)
  }
  if (typeof iat !== 'number') return invalidProof('must have an iat')
  if (request.accessToken !== undefined && ath !== sha256(request.accessToken).toString('base64url')) {
    return invalidProof('must have the SHA-256 of the access token as its ath')
  }
  if (requiresDpopNonce && (typeof nonce !== 'string' || !nonces.isValid(nonce))) {
    return { error: 'use_dpop_nonce', description: 'The DPoP proof must have the nonce of the header DPoP-Nonce.' }
  }
  if (Math.abs(now - iat) > MAX_PROOF_AGE_SECONDS)
    return invalidProof(`must have been made now: its iat is more than ${MAX_PROOF_AGE_SECONDS} seconds off`)

  const isFirstUse = await replayCache.consume({
    kind: 'dpop_proof',
    signer: proof.key,
    jti,
    organisationId: request.client.organisationId,
    expiresAt: new Date((iat + MAX_PROOF_AGE_SECONDS + CLOCK_SKEW_SECONDS) * 1000),
  })
  return isFirstUse ? { key: proof.key } : invalidProof('was used before: each is good once')
}

/** An address as RFC 3986 §6.2.2 and §6.2.3 compare them, without query and fragment; undefined for what is none. */
function normalizeUri(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined
  const { protocol, username, password, host, pathname } = new URL(uri)
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return undefined
  const path = pathname.replaceAll(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
  })
  return `${protocol}//${host}${path}`
}
