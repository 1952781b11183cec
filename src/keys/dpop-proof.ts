import { createPublicKey, type KeyObject } from 'node:crypto'
import { isObject } from '../lib/object.ts'
import { sha256 } from '../lib/hash.ts'
import type { SigningAlgorithm } from '../model/clients/client.ts'
import { claimsOf, isSignedBy, parseCompact, type Claims } from './jws.ts'

/** A DPoP proof whose signature is that of the key that it brings. What it says is not judged yet. */
export interface DpopProof {
  /** The RFC 7638 thumbprint of the key, by SHA-256. */
  key: string
  claims: Claims
}

/** What is wrong with one; completes the sentence "The DPoP proof …". */
export interface DpopFlaw {
  flaw: string
}

/**
 * `algorithms`: those by which it may be signed. Sections 4.2 and 4.3 of RFC 9449, as far as they are about the JWT.
 */
export function readDpopProof(text: string, algorithms: readonly SigningAlgorithm[]): DpopProof | DpopFlaw {
  const read = parseCompact(text)
  if (!read) return { flaw: 'is not one JWT in compact form: send the header DPoP once' }
  const { typ, alg: named, jwk, crit } = read.header
  if (typeof typ !== 'string' || typ.toLowerCase() !== 'dpop+jwt') return { flaw: 'must have the typ dpop+jwt' }
  const alg = algorithms.find((candidate) => candidate === named)
  if (!alg) return { flaw: `must be signed by one of ${algorithms.join(', ')}` }
  if (crit !== undefined) return { flaw: 'names as critical what is not understood here' }
  const key = readPublicKey(jwk, alg)
  if ('flaw' in key) return key
  if (!isSignedBy(read, alg, key.key)) return { flaw: 'is not signed by the key in its jwk' }
  const claims = claimsOf(read)
  return claims ? { key: key.thumbprint, claims } : { flaw: 'holds no claims' }
}

/** The members of a key that are required, in the order in which a thumbprint has them (RFC 7638 §3.2, RFC 8037 §2). */
const keyRequirements = {
  RS256: { kty: 'RSA', members: ['e', 'kty', 'n'] },
  PS256: { kty: 'RSA', members: ['e', 'kty', 'n'] },
  ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
} as const satisfies Record<SigningAlgorithm, { kty: string; crv?: string; members: readonly string[] }>

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
/** Bits of a modulus: fewer are weak, and with more a request would have us work for it. */
const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 4096
const MAX_EXPONENT_BYTES = 4

function readPublicKey(given: unknown, alg: SigningAlgorithm): { key: KeyObject; thumbprint: string } | DpopFlaw {
  if (!isObject(given)) return { flaw: 'brings no key as jwk' }
  if (privateMembers.some((member) => member in given))
    return { flaw: 'brings a private key as jwk: only public ones are sent' }
  const { members, ...expected } = keyRequirements[alg]
  const matchesAlgorithm = Object.entries(expected).every(([member, value]) => given[member] === value)
  if (!matchesAlgorithm) return { flaw: `brings a key that is not valid for ${alg}` }
  const publicJwk = Object.fromEntries(members.map((member) => [member, given[member]]))
  const { kty: _, crv: __, ...keyParameters } = publicJwk
  if (!Object.values(keyParameters).every(isBase64url)) return { flaw: `brings a key that is not valid for ${alg}` }
  if (expected.kty === 'RSA' && !isAcceptableRsaKey(publicJwk)) {
    return { flaw: `brings an RSA key that does not have ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits and a short exponent` }
  }
  try {
    const key = createPublicKey({ key: publicJwk, format: 'jwk' })
    return { key, thumbprint: sha256(JSON.stringify(publicJwk)).toString('base64url') }
  } catch {
    return { flaw: `brings a key that is not valid for ${alg}` }
  }
}

/** In the one spelling of its bytes, so that a key has one thumbprint. */
function isBase64url(value: unknown): boolean {
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
