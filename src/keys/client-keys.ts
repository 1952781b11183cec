import { createPublicKey, type JsonWebKey, type X509Certificate } from 'node:crypto'
import { createLocalJWKSet, errors, jwtVerify, UnsecuredJWT, type JSONWebKeySet, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { macAlgorithms, type ResponseEncryption, type SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { encryptCompact, isEncryptionKey } from './jwe.ts'
import { parseCompact } from './jws.ts'

/** The keys of a client, or the URL of its key set. */
export interface ClientKeySource {
  jwks: Readonly<Record<string, unknown>> | null
  jwksUri: string | null
}

export interface ClientKeysOptions {
  clock: Clock
  /** Fetches the document at a URL; throws if it is unavailable. */
  fetchText: (url: string) => Promise<string>
}

/** Verifies signatures of clients, and encrypts to their keys. */
export interface ClientKeys {
  /**
   * The claims of a JWT that a key of the client signed by one of `algorithms`, within its dates, or undefined. A key
   * that is not known is looked for once more where the client publishes its keys (OpenID Connect Core §10.1.1).
   */
  verify(
    token: string,
    holder: ClientKeySource,
    algorithms: readonly SigningAlgorithm[],
  ): Promise<JWTPayload | undefined>
  /** The claims of a JWT that is signed by HS256 with one of `secrets`, or undefined. Undefined also outside its dates. */
  verifyMac(token: string, secrets: readonly Uint8Array[]): Promise<JWTPayload | undefined>
  /**
   * Encrypts a JWT or a JSON object to a suitable key of the client (OpenID Connect Core §10.2). Throws `NoEncryptionKey`
   * if the client publishes none.
   */
  encrypt(text: string, holder: ClientKeySource, how: ResponseEncryption): Promise<string>
  /**
   * Whether the client published this certificate, or a key without one that is the certificate's (RFC 8705 §2.2.2).
   */
  holdsCertificate(certificate: X509Certificate, holder: ClientKeySource): Promise<boolean>
  /** The claims of an unsigned JWT (RFC 7519 §6), within its validity period, or undefined. */
  readUnsigned(token: string): JWTPayload | undefined
}

/** The client requires encryption but publishes no suitable key. */
export class NoEncryptionKey extends Error {}

const KEY_SET_TTL_SECONDS = 300
/** How long an unknown key causes no second fetch. */
const REFETCH_COOLDOWN_SECONDS = 5
const CLOCK_SKEW_SECONDS = 30

interface FetchedKeys {
  keys: JSONWebKeySet
  fetchedAt: number
}

export function createClientKeys({ clock, fetchText }: ClientKeysOptions): ClientKeys {
  const cache = new LRUCache<string, FetchedKeys>({ max: 1_000 })
  const pendingFetches = new Map<string, Promise<FetchedKeys>>()
  const nowSeconds = () => clock.now().getTime() / 1000

  async function fetchKeys(uri: string): Promise<FetchedKeys> {
    const keys = parseKeySet(JSON.parse(await fetchText(uri)))
    const found = { keys, fetchedAt: nowSeconds() }
    cache.set(uri, found)
    return found
  }

  /** The keys at `uri`, at most `maxAgeSeconds` old. Falls back to older ones if the client cannot be reached. */
  async function keysAt(uri: string, maxAgeSeconds: number): Promise<FetchedKeys | undefined> {
    const known = cache.get(uri)
    if (known && nowSeconds() - known.fetchedAt <= maxAgeSeconds) return known
    const pendingFetch = pendingFetches.get(uri) ?? fetchKeys(uri).finally(() => pendingFetches.delete(uri))
    pendingFetches.set(uri, pendingFetch)
    return pendingFetch.catch(() => known)
  }

  async function verifyWith(key: JSONWebKeySet | Uint8Array, token: string, algorithms: readonly string[]) {
    const options = { algorithms: [...algorithms], currentDate: clock.now(), clockTolerance: CLOCK_SKEW_SECONDS }
    if (key instanceof Uint8Array) return (await jwtVerify(token, key, options)).payload
    try {
      return (await jwtVerify(token, createLocalJWKSet(key), options)).payload
    } catch (error) {
      // Several keys without a kid: try each of them.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      for await (const candidate of error) {
        const verified = await jwtVerify(token, candidate, options).catch(() => undefined)
        if (verified) return verified.payload
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }

  async function attemptVerification(verification: Promise<JWTPayload>) {
    try {
      return { claims: await verification, unknownKey: false }
    } catch (error) {
      if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) throw error
      const unknownKey =
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed
      return { claims: undefined, unknownKey }
    }
  }

  return {
    async verify(token, { jwks, jwksUri }, algorithms) {
      if (!parseCompact(token)) return undefined
      if (jwks)
        return (await attemptVerification(verifyWith(jwks as unknown as JSONWebKeySet, token, algorithms))).claims
      if (jwksUri === null) return undefined
      const known = await keysAt(jwksUri, KEY_SET_TTL_SECONDS)
      if (!known) return undefined
      const first = await attemptVerification(verifyWith(known.keys, token, algorithms))
      if (!first.unknownKey) return first.claims
      const renewed = await keysAt(jwksUri, REFETCH_COOLDOWN_SECONDS)
      return renewed && renewed !== known
        ? (await attemptVerification(verifyWith(renewed.keys, token, algorithms))).claims
        : undefined
    },

    async encrypt(text, { jwks, jwksUri }, how) {
      const published = jwks
        ? (jwks as unknown as JSONWebKeySet)
        : jwksUri === null
          ? undefined
          : (await keysAt(jwksUri, KEY_SET_TTL_SECONDS))?.keys
      const key = published?.keys.find((candidate) => isEncryptionKey(candidate, how.alg))
      if (!key) throw new NoEncryptionKey(`The client publishes no key for ${how.alg}.`)
      return encryptCompact(text, key, how)
    },

    async holdsCertificate(certificate, { jwks, jwksUri }) {
      if (jwks) return includesCertificate(certificate, jwks as unknown as JSONWebKeySet)
      if (jwksUri === null) return false
      const known = await keysAt(jwksUri, KEY_SET_TTL_SECONDS)
      if (!known || includesCertificate(certificate, known.keys)) return known !== undefined
      const renewed = await keysAt(jwksUri, REFETCH_COOLDOWN_SECONDS)
      return renewed !== undefined && renewed !== known && includesCertificate(certificate, renewed.keys)
    },

    async verifyMac(token, secrets) {
      if (!parseCompact(token)) return undefined
      for (const secret of secrets) {
        const { claims } = await attemptVerification(verifyWith(secret, token, macAlgorithms))
        if (claims) return claims
      }
      return undefined
    },

    readUnsigned(token) {
      const header = parseCompact(token)?.header
      if (!header || header['crit'] !== undefined) return undefined
      try {
        return UnsecuredJWT.decode(token, { currentDate: clock.now(), clockTolerance: CLOCK_SKEW_SECONDS }).payload
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

function includesCertificate(certificate: X509Certificate, { keys }: JSONWebKeySet): boolean {
  return keys.some((key) => {
    const [published] = key.x5c ?? []
    if (published !== undefined) return certificate.raw.equals(Buffer.from(published, 'base64'))
    try {
      return certificate.publicKey.equals(createPublicKey({ key: key as JsonWebKey, format: 'jwk' }))
    } catch {
      return false
    }
  })
}

const MAX_KEYS = 50

/** Why a key set of a client is rejected, or undefined. Every message completes the sentence "jwks …". */
export function keySetProblem(value: unknown): string | undefined {
  const keys: unknown = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined
  if (!Array.isArray(keys)) return 'must be a JSON Web Key Set: an object with an array keys'
  if (keys.length > MAX_KEYS) return `may contain at most ${MAX_KEYS} keys`
  for (const [index, key] of (keys as unknown[]).entries()) {
    if (typeof key !== 'object' || key === null || !('kty' in key)) return `has no valid key at position ${index}`
    if (key.kty === 'oct' || 'd' in key || 'k' in key)
      return `has a private or symmetric key at position ${index}: only public keys are allowed`
    const size = 'n' in key && typeof key.n === 'string' ? Buffer.from(key.n, 'base64url').length * 8 : 0
    if (key.kty === 'RSA' && size < 2048) return `has an RSA key of fewer than 2048 bits at position ${index}`
  }
  return undefined
}

function parseKeySet(value: unknown): JSONWebKeySet {
  const problem = keySetProblem(value)
  if (problem !== undefined) throw new Error(`A key set ${problem}.`)
  return value as JSONWebKeySet
}
