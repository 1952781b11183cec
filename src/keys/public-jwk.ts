import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { JWK } from 'jose'
import { isObject } from '../lib/object.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'

const rsaKey = { kty: 'RSA', members: ['e', 'kty', 'n'] } as const

/** The kind of key of each signature algorithm, and its required members (RFC 7518 §6, RFC 8037 §2). */
export const signingKeyTypes = {
  RS256: rsaKey,
  RS384: rsaKey,
  RS512: rsaKey,
  PS256: rsaKey,
  PS384: rsaKey,
  PS512: rsaKey,
  ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'] },
  ES384: { kty: 'EC', crv: 'P-384', members: ['crv', 'kty', 'x', 'y'] },
  ES512: { kty: 'EC', crv: 'P-521', members: ['crv', 'kty', 'x', 'y'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
} as const satisfies Record<SigningAlgorithm, { kty: string; crv?: string; members: readonly string[] }>

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Shorter moduli are weak. Longer moduli and exponents would let a request cause expensive verifications. */
export const MIN_RSA_BITS = 2048
export const MAX_RSA_BITS = 4096
const MAX_EXPONENT_BYTES = 4

/** The members of the supported curves, with the length of each in bytes. X25519 is for encryption only. */
const curves: Readonly<Record<string, Readonly<Record<string, { members: readonly string[]; bytes: number }>>>> = {
  EC: {
    'P-256': { members: ['x', 'y'], bytes: 32 },
    'P-384': { members: ['x', 'y'], bytes: 48 },
    'P-521': { members: ['x', 'y'], bytes: 66 },
  },
  OKP: { Ed25519: { members: ['x'], bytes: 32 }, X25519: { members: ['x'], bytes: 32 } },
}

/**
 * Why a key of another party is not used. `unsupported` keys are well-formed, but of a type that this server does not know;
 * `malformed` ones no server can use, or none should. `reason` completes the sentence "The key …".
 */
export interface KeyProblem {
  kind: 'malformed' | 'unsupported'
  reason: string
}

/**
 * Judges one key of a set by itself (RFC 7517 §5), with its number as a point or modulus; undefined for a usable public key.
 * The result is remembered for as long as the object exists.
 */
export function publicKeyProblem(key: unknown): KeyProblem | undefined {
  if (!isObject(key)) return malformed('is not an object')
  if (verdicts.has(key)) return verdicts.get(key)
  const problem = findProblem(key)
  verdicts.set(key, problem)
  return problem
}
const verdicts = new WeakMap<object, KeyProblem | undefined>()

/** Whether a key of a set is a usable public key. */
export function isUsablePublicKey(key: unknown): key is JWK {
  return publicKeyProblem(key) === undefined
}

/** Whether a usable key may verify signatures of `alg` by its members `use`, `key_ops` and `alg` (RFC 7517 §4). */
export function isVerificationKey(key: JWK, alg: SigningAlgorithm): boolean {
  const expected: { kty: string; crv?: string } = signingKeyTypes[alg]
  if (key.kty !== expected.kty || (expected.crv !== undefined && key.crv !== expected.crv)) return false
  if (key.use !== undefined && key.use !== 'sig') return false
  if (key.key_ops && !key.key_ops.includes('verify')) return false
  return key.alg === undefined || key.alg === alg
}

function findProblem(key: Record<string, unknown>): KeyProblem | undefined {
  const { kty } = key
  if (typeof kty !== 'string') return malformed('has no kty')
  if (kty === 'oct' || privateMembers.some((member) => member in key))
    return malformed('is a private or symmetric key: only public keys are allowed')
  const mistyped = findMistypedMember(key)
  if (mistyped !== undefined) return malformed(`has a member ${mistyped} of the wrong type`)
  if (kty === 'RSA') return rsaKeyProblem(key)
  const curve = typeof key['crv'] === 'string' ? curves[kty]?.[key['crv']] : undefined
  if (!curve) {
    if (kty in curves && typeof key['crv'] !== 'string') return malformed('has no crv')
    return { kind: 'unsupported', reason: `is of a type that is not supported: ${kty.slice(0, 20)}` }
  }
  const wrong = curve.members.find((member) => decode(key[member])?.length !== curve.bytes)
  if (wrong !== undefined) return malformed(`has no ${wrong} of ${curve.bytes} bytes in base64url`)
  return importProblem(key)
}

/** The first common member (RFC 7517 §4) whose value is not of its type. */
function findMistypedMember(key: Record<string, unknown>): string | undefined {
  const isListOfText = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string')
  return (
    ['use', 'alg', 'kid'].find((member) => key[member] !== undefined && typeof key[member] !== 'string') ??
    ['key_ops', 'x5c'].find((member) => key[member] !== undefined && !isListOfText(key[member]))
  )
}

function rsaKeyProblem(key: Record<string, unknown>): KeyProblem | undefined {
  const modulus = decode(key['n'])
  const exponent = decode(key['e'])
  if (!modulus) return malformed('has no n in base64url')
  if (!exponent) return malformed('has no e in base64url')
  const bits = bitLength(modulus)
  if (bits < MIN_RSA_BITS) return malformed(`is an RSA key of fewer than ${MIN_RSA_BITS} bits`)
  if (bits > MAX_RSA_BITS) return malformed(`is an RSA key of more than ${MAX_RSA_BITS} bits`)
  const isOdd = (number: Buffer) => ((number.at(-1) ?? 0) & 1) === 1
  if (!isOdd(modulus)) return malformed('has an n that is not the product of two primes')
  if (exponent.length > MAX_EXPONENT_BYTES || !isOdd(exponent) || bitLength(exponent) < 2)
    return malformed(`has an e that is not an odd number from 3 to ${MAX_EXPONENT_BYTES} bytes`)
  return importProblem(key)
}

/** A point that is not on its curve cannot be imported. */
function importProblem(key: Record<string, unknown>): KeyProblem | undefined {
  try {
    createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
    return undefined
  } catch {
    return malformed('is not a valid public key')
  }
}

function decode(value: unknown): Buffer | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9_-]+=*$/.test(value) ? Buffer.from(value, 'base64url') : undefined
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24
}

function malformed(reason: string): KeyProblem {
  return { kind: 'malformed', reason }
}
