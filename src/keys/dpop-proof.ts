import { calculateJwkThumbprint, compactVerify, errors, importJWK, type JWK } from 'jose'
import { isObject } from '../lib/object.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { claimsOf, parseCompact, type Claims } from './jws.ts'

/** A DPoP proof that is signed by the key in its header. Its claims are not yet validated. */
export interface DpopProof {
  /** The SHA-256 thumbprint of the key (RFC 7638). */
  key: string
  claims: Claims
}

/** Why a proof is rejected; completes the sentence "The DPoP proof …". */
export interface DpopFlaw {
  flaw: string
}

/**
 * Verifies a DPoP proof as far as RFC 9449 §4.2 and §4.3 concern the JWT: type, algorithm, key and signature. `algorithms`
 * are those that are allowed.
 */
export async function readDpopProof(
  text: string,
  algorithms: readonly SigningAlgorithm[],
): Promise<DpopProof | DpopFlaw> {
  const token = parseCompact(text)
  if (!token) return { flaw: 'is not one JWT in compact form: send the header DPoP once' }
  const { typ, alg: requestedAlg, jwk, crit } = token.header
  if (typeof typ !== 'string' || typ.toLowerCase() !== 'dpop+jwt') return { flaw: 'must have the typ dpop+jwt' }
  const alg = algorithms.find((candidate) => candidate === requestedAlg)
  if (!alg) return { flaw: `must be signed by one of ${algorithms.join(', ')}` }
  if (crit !== undefined) return { flaw: 'has an unsupported crit header' }
  const publicJwk = readPublicJwk(jwk, alg)
  if ('flaw' in publicJwk) return publicJwk
  const key = await importJWK(publicJwk, alg).catch(rethrowUnlessInvalid)
  if (!key) return { flaw: invalidKey(alg) }
  const verified = await compactVerify(text, key, { algorithms: [alg] }).catch(rethrowUnlessInvalid)
  if (!verified) return { flaw: 'is not signed by the key in its jwk' }
  const claims = claimsOf(token)
  return claims ? { key: await calculateJwkThumbprint(publicJwk), claims } : { flaw: 'has no claims' }
}

/** jose throws a JOSEError, and WebCrypto a DOMException or TypeError, for keys and signatures that are not valid. */
function rethrowUnlessInvalid(error: unknown): undefined {
  if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return undefined
  throw error
}

/** The required members of each kind of key (RFC 7518 §6, RFC 8037 §2). */
const keyRequirements = {
  RS256: { kty: 'RSA', members: ['e', 'kty', 'n'] },
  PS256: { kty: 'RSA', members: ['e', 'kty', 'n'] },
  ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
} as const satisfies Record<SigningAlgorithm, { kty: string; crv?: string; members: readonly string[] }>

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Shorter moduli are weak. Longer moduli and exponents would let a request cause expensive verifications. */
const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 4096
const MAX_EXPONENT_BYTES = 4

const invalidKey = (alg: SigningAlgorithm) => `has a jwk that is not a valid key for ${alg}`

/** The required members of the public key, without any others. */
function readPublicJwk(given: unknown, alg: SigningAlgorithm): JWK | DpopFlaw {
  if (!isObject(given)) return { flaw: 'has no key in its jwk header' }
  if (privateMembers.some((member) => member in given))
    return { flaw: 'has a private key in its jwk header: send only the public key' }
  const { members, ...expected } = keyRequirements[alg]
  const matchesAlgorithm = Object.entries(expected).every(([member, value]) => given[member] === value)
  if (!matchesAlgorithm) return { flaw: invalidKey(alg) }
  const publicJwk = Object.fromEntries(members.map((member) => [member, given[member]]))
  const { kty: _, crv: __, ...keyParameters } = publicJwk
  if (!Object.values(keyParameters).every(isCanonicalBase64url)) return { flaw: invalidKey(alg) }
  if (expected.kty === 'RSA' && !isAcceptableRsaKey(publicJwk)) {
    return { flaw: `must have an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits with a short exponent` }
  }
  return publicJwk
}

/** Only the canonical encoding is accepted, so that each key has exactly one thumbprint. */
function isCanonicalBase64url(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.from(value, 'base64url').toString('base64url') === value
}

function isAcceptableRsaKey({ n, e }: Readonly<Record<string, unknown>>): boolean {
  const modulusBits = Buffer.from(String(n), 'base64url').length * 8
  return (
    modulusBits >= MIN_RSA_BITS &&
    modulusBits <= MAX_RSA_BITS &&
    Buffer.from(String(e), 'base64url').length <= MAX_EXPONENT_BYTES
  )
}
