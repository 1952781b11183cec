import { createPublicKey, type JsonWebKey, type X509Certificate } from 'node:crypto'
import type { JWK } from 'jose'
import { isObject } from '../lib/object.ts'
import type { ResponseEncryption, SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { readCertificate } from './certificates/certificate.ts'
import { canEncryptTo } from './jwe.ts'
import { isUsablePublicKey, isVerificationKey, publicKeyProblem } from './public-jwk.ts'

/**
 * The keys that a client publishes. Each entry is judged by itself: those that this server cannot use do not affect the
 * others (RFC 7517 §5).
 */
export interface ClientKeySet {
  keys: readonly unknown[]
}

/** A registered set has at most this many keys. A published one is limited by its size. */
const MAX_REGISTERED_KEYS = 50
/** How many keys are tried for a JWT without `kid`, or for a `kid` that several keys have. */
const MAX_KEYS_TRIED = 10

/** Reads a published key set; undefined for another document. */
export function readKeySet(value: unknown): ClientKeySet | undefined {
  return isObject(value) && Array.isArray(value['keys']) ? { keys: value['keys'] } : undefined
}

/** The keys that may have made a signature of `alg` under `kid`. */
export function findVerificationKeys({ keys }: ClientKeySet, alg: SigningAlgorithm, kid: string | undefined): JWK[] {
  const found: JWK[] = []
  for (const key of keys) {
    // The cheap comparison goes first, because judging a key imports it.
    if (kid !== undefined && !(isObject(key) && key['kid'] === kid)) continue
    if (!isUsablePublicKey(key) || !isVerificationKey(key, alg)) continue
    found.push(key)
    if (found.length === MAX_KEYS_TRIED) break
  }
  return found
}

/** The first key that a message can be encrypted to, or undefined. */
export async function findEncryptionKey({ keys }: ClientKeySet, how: ResponseEncryption): Promise<JWK | undefined> {
  for (const key of keys) {
    if (isUsablePublicKey(key) && (await canEncryptTo(key, how.alg))) return key
  }
  return undefined
}

/** Whether the set has this certificate, or a key without one that is the certificate's (RFC 8705 §2.2.2). */
export function includesCertificate({ keys }: ClientKeySet, certificate: X509Certificate): boolean {
  return keys.some((key) => {
    if (!isObject(key)) return false
    const [published]: unknown[] = Array.isArray(key['x5c']) ? key['x5c'] : []
    if (typeof published === 'string') return certificate.raw.equals(Buffer.from(published, 'base64'))
    try {
      return certificate.publicKey.equals(createPublicKey({ key: key as JsonWebKey, format: 'jwk' }))
    } catch {
      return false
    }
  })
}

/**
 * Why a key set cannot be registered, or undefined. Every message completes the sentence "jwks …". Keys of types that this
 * server does not know are accepted and ignored; a malformed key is a mistake that the client should learn of.
 */
export function keySetProblem(value: unknown): string | undefined {
  const set = readKeySet(value)
  if (!set) return 'must be a JSON Web Key Set: an object with an array keys'
  if (set.keys.length > MAX_REGISTERED_KEYS) return `may contain at most ${MAX_REGISTERED_KEYS} keys`
  for (const [index, key] of set.keys.entries()) {
    const problem = publicKeyProblem(key)
    if (problem?.kind === 'malformed') return `has a key at position ${index} that ${problem.reason}`
    if (!hasReadableCertificate(key)) return `has a key at position ${index} whose x5c is not a certificate`
  }
  return undefined
}

function hasReadableCertificate(key: unknown): boolean {
  const [first] = isObject(key) && Array.isArray(key['x5c']) ? (key['x5c'] as string[]) : []
  return first === undefined || readCertificate(Buffer.from(first, 'base64')) !== undefined
}
