import { calculateJwkThumbprint, compactVerify, errors, importJWK, type JWK } from 'jose'
import { isObject } from '../lib/object.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { findTimeFlaw, readForeignJwt } from './foreign-jwt.ts'
import { parseCompact, type Claims } from './jws.ts'
import { publicKeyProblem, signingKeyTypes } from './public-jwk.ts'

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
 * Verifies a DPoP proof as far as RFC 9449 §4.2 and §4.3 concern the JWT: type, algorithm, key, signature and dates.
 * `algorithms` are those that are allowed.
 */
export async function readDpopProof(
  text: string,
  algorithms: readonly SigningAlgorithm[],
  now: Date,
): Promise<DpopProof | DpopFlaw> {
  if (!parseCompact(text)) return { flaw: 'is not one JWT in compact form: send the header DPoP once' }
  const token = readForeignJwt(text, { types: ['dpop+jwt'], isRequired: true })
  if ('flaw' in token) return token
  const { alg: requestedAlg, jwk } = token.header
  const alg = algorithms.find((candidate) => candidate === requestedAlg)
  if (!alg) return { flaw: `must be signed by one of ${algorithms.join(', ')}` }
  const publicJwk = readPublicJwk(jwk, alg)
  if ('flaw' in publicJwk) return publicJwk
  const key = await importJWK(publicJwk, alg).catch(rethrowUnlessInvalid)
  if (!key) return { flaw: invalidKey(alg) }
  const verified = await compactVerify(text, key, { algorithms: [alg] }).catch(rethrowUnlessInvalid)
  if (!verified) return { flaw: 'is not signed by the key in its jwk' }
  // The window of `iat` is that of RFC 9449 §11.1.
  const timeFlaw = findTimeFlaw({ ...token.claims, iat: undefined }, now)
  return timeFlaw ?? { key: await calculateJwkThumbprint(publicJwk), claims: token.claims }
}

/** jose throws a JOSEError, and WebCrypto a DOMException or TypeError, for keys and signatures that are not valid. */
function rethrowUnlessInvalid(error: unknown): undefined {
  if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return undefined
  throw error
}

const invalidKey = (alg: SigningAlgorithm) => `has a jwk that is not a valid key for ${alg}`

/** The required members of the public key, without any others. */
function readPublicJwk(given: unknown, alg: SigningAlgorithm): JWK | DpopFlaw {
  if (!isObject(given)) return { flaw: 'has no key in its jwk header' }
  const { members, ...expected } = signingKeyTypes[alg]
  const publicJwk = Object.fromEntries(members.map((member) => [member, given[member]]))
  const problem = publicKeyProblem(given)
  if (problem?.kind === 'malformed' && /private|RSA key/.test(problem.reason))
    return { flaw: `has a jwk that ${problem.reason}` }
  const matchesAlgorithm = Object.entries(expected).every(([member, value]) => given[member] === value)
  const { kty: _, crv: __, ...keyParameters } = publicJwk
  if (problem || !matchesAlgorithm || !Object.values(keyParameters).every(isCanonicalBase64url))
    return { flaw: invalidKey(alg) }
  return publicJwk
}

/** Only the canonical encoding is accepted, so that each key has exactly one thumbprint. */
function isCanonicalBase64url(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.from(value, 'base64url').toString('base64url') === value
}
