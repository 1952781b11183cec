import { profileOf } from '../clients/profiles.ts'
import { readDpopProof } from '../keys/dpop-proof.ts'
import type { Clock } from '../lib/clock.ts'
import { sha256 } from '../lib/secret.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { ProofRepository } from '../model/proof.ts'
import type { DpopNonces } from './dpop-nonce.ts'

/** Seconds that a proof may be old, or its maker's clock ahead (RFC 9449 §11.1). */
const WINDOW = 60
/** Seconds by which the clocks of our own processes may differ. */
const SLACK = 60
const LONGEST_JTI = 512

export interface DpopOptions {
  clock: Clock
  proofs: Pick<ProofRepository, 'use'>
  nonces: DpopNonces
}

/** The request that a proof must be for. */
export interface ProvenRequest {
  method: string
  /** The address of the endpoint, by each name that clients know it by. */
  uris: readonly string[]
  client: RegisteredClient
  /** At a resource, the access token that the proof goes with. */
  accessToken: string | undefined
}

/** Why a proof is not taken. `description` is for the client. */
export interface ProofRefusal {
  error: 'invalid_dpop_proof' | 'use_dpop_nonce'
  description: string
}

/**
 * The thumbprint of the key that the sender of this request holds (RFC 9449 §4.3). A proof is used up by it: it is noted
 * last, when nothing else is wrong with it.
 */
export async function useProof(
  text: string | undefined,
  request: ProvenRequest,
  { clock, proofs, nonces }: DpopOptions,
): Promise<{ key: string } | ProofRefusal> {
  const refuse = (what: string): ProofRefusal => ({
    error: 'invalid_dpop_proof',
    description: `The DPoP proof ${what}.`,
  })
  if (text === undefined) return refuse('is missing: send it in the header DPoP (RFC 9449 section 4)')
  const { proofAlgorithms, proofsNeedNonce } = profileOf(request.client)
  const proof = readDpopProof(text, proofAlgorithms)
  if ('flaw' in proof) return refuse(proof.flaw)
  const { htm, htu, iat, jti, nonce, ath } = proof.claims
  const now = clock.now().getTime() / 1000

  if (htm !== request.method) return refuse(`must have ${request.method} as its htm`)
  const address = typeof htu === 'string' ? normalised(htu) : undefined
  if (address === undefined || !request.uris.some((uri) => normalised(uri) === address)) {
    return refuse('must have the address of this endpoint, under the issuer, as its htu')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI) {
    return refuse(`must have a jti, of ${LONGEST_JTI} characters at most`)
  }
  if (typeof iat !== 'number') return refuse('must have an iat')
  if (request.accessToken !== undefined && ath !== sha256(request.accessToken).toString('base64url')) {
    return refuse('must have the SHA-256 of the access token as its ath')
  }
  if (proofsNeedNonce && (typeof nonce !== 'string' || !nonces.isGood(nonce))) {
    return { error: 'use_dpop_nonce', description: 'The DPoP proof must have the nonce of the header DPoP-Nonce.' }
  }
  if (Math.abs(now - iat) > WINDOW) return refuse(`must have been made now: its iat is more than ${WINDOW} seconds off`)

  const fresh = await proofs.use({
    proofHash: sha256(`${proof.key}\n${jti}`),
    organisationId: request.client.organisationId,
    expiresAt: new Date((iat + WINDOW + SLACK) * 1000),
  })
  return fresh ? { key: proof.key } : refuse('was used before: each is good once')
}

/** An address as RFC 3986 §6.2.2 and §6.2.3 compare them, without query and fragment; undefined for what is none. */
function normalised(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined
  const { protocol, username, password, host, pathname } = new URL(uri)
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return undefined
  const path = pathname.replaceAll(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
  })
  return `${protocol}//${host}${path}`
}
