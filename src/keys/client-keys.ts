import type { X509Certificate } from 'node:crypto'
import { compactVerify, errors, type JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/time/clock.ts'
import { parseForeignJson } from '../lib/json.ts'
import { macAlgorithms, type ResponseEncryption, type SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { findEncryptionKey, findVerificationKeys, includesCertificate, readKeySet } from './client-key-set.ts'
import type { ClientKeySet } from './client-key-set.ts'
import { findTimeFlaw, readForeignJwt, type ForeignJwt } from './foreign-jwt.ts'
import { encryptCompact } from './jwe.ts'
import type { Claims } from './jws.ts'

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
  verify(token: string, holder: ClientKeySource, algorithms: readonly SigningAlgorithm[]): Promise<Claims | undefined>
  /** The claims of a JWT that is signed by HS256 with one of `secrets`, or undefined. Undefined also outside its dates. */
  verifyMac(token: string, secrets: readonly Uint8Array[]): Promise<Claims | undefined>
  /**
   * Encrypts a JWT or a JSON object to a suitable key of the client (OpenID Connect Core §10.2). Throws `NoEncryptionKey`
   * if the client publishes none.
   */
  encrypt(text: string, holder: ClientKeySource, how: ResponseEncryption): Promise<string>
  /** Whether `encrypt` would find a key. */
  canEncrypt(holder: ClientKeySource, how: ResponseEncryption): Promise<boolean>
  /**
   * Whether the client published this certificate, or a key without one that is the certificate's (RFC 8705 §2.2.2).
   */
  holdsCertificate(certificate: X509Certificate, holder: ClientKeySource): Promise<boolean>
  /** The claims of an unsigned JWT (RFC 7519 §6), within its validity period, or undefined. */
  readUnsigned(token: string): Claims | undefined
}

/** The client requires encryption but publishes no suitable key. */
export class NoEncryptionKey extends Error {}

const KEY_SET_TTL_SECONDS = 300
/** How long an unknown key causes no second fetch. */
const REFETCH_COOLDOWN_SECONDS = 5

interface FetchedKeys {
  keys: ClientKeySet
  fetchedAt: number
}

export function createClientKeys({ clock, fetchText }: ClientKeysOptions): ClientKeys {
  const cache = new LRUCache<string, FetchedKeys>({ max: 1_000 })
  const pendingFetches = new Map<string, Promise<FetchedKeys>>()
  const nowSeconds = () => clock.now().getTime() / 1000

  async function fetchKeys(uri: string): Promise<FetchedKeys> {
    const keys = readKeySet(parseForeignJson(await fetchText(uri)))
    if (!keys) throw new Error('The document is not a key set.')
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

  /** The registered or published keys of a client. */
  async function keysOf({ jwks, jwksUri }: ClientKeySource): Promise<ClientKeySet | undefined> {
    if (jwks) return readKeySet(jwks)
    return jwksUri === null ? undefined : (await keysAt(jwksUri, KEY_SET_TTL_SECONDS))?.keys
  }

  /** The outcome of `attempt` with the keys of a client; where it is false, once more with keys that are fetched again. */
  async function tryKeys(
    { jwks, jwksUri }: ClientKeySource,
    attempt: (keys: ClientKeySet) => boolean | Promise<boolean>,
  ): Promise<boolean> {
    if (jwks) {
      const registered = readKeySet(jwks)
      return registered !== undefined && attempt(registered)
    }
    if (jwksUri === null) return false
    const known = await keysAt(jwksUri, KEY_SET_TTL_SECONDS)
    if (!known) return false
    if (await attempt(known.keys)) return true
    const renewed = await keysAt(jwksUri, REFETCH_COOLDOWN_SECONDS)
    return renewed !== undefined && renewed !== known && attempt(renewed.keys)
  }

  /** Parses a JWT; undefined outside its dates or with another form than `readForeignJwt` accepts. */
  function readCurrent(token: string): ForeignJwt | undefined {
    const jwt = readForeignJwt(token)
    return 'flaw' in jwt || findTimeFlaw(jwt.claims, clock.now()) ? undefined : jwt
  }

  return {
    async verify(token, holder, algorithms) {
      const jwt = readCurrent(token)
      const alg = algorithms.find((candidate) => candidate === jwt?.header['alg'])
      if (!jwt || !alg) return undefined
      const kid = jwt.header['kid'] as string | undefined
      const isVerified = await tryKeys(holder, (keys) =>
        isSignedByOneOf(token, findVerificationKeys(keys, alg, kid), alg),
      )
      return isVerified ? jwt.claims : undefined
    },

    async encrypt(text, holder, how) {
      const keys = await keysOf(holder)
      const key = keys && (await findEncryptionKey(keys, how))
      if (!key) throw new NoEncryptionKey(`The client publishes no key for ${how.alg}.`)
      return encryptCompact(text, key, how)
    },

    async canEncrypt(holder, how) {
      const keys = await keysOf(holder)
      return keys !== undefined && (await findEncryptionKey(keys, how)) !== undefined
    },

    holdsCertificate: (certificate, holder) => tryKeys(holder, (keys) => includesCertificate(keys, certificate)),

    async verifyMac(token, secrets) {
      const jwt = readCurrent(token)
      if (!jwt) return undefined
      for (const secret of secrets) {
        if (await isSignedWith(token, secret, macAlgorithms)) return jwt.claims
      }
      return undefined
    },

    readUnsigned(token) {
      const jwt = readCurrent(token)
      return jwt?.header['alg'] === 'none' && jwt.signature.length === 0 ? jwt.claims : undefined
    },
  }
}

async function isSignedByOneOf(token: string, keys: readonly JWK[], alg: SigningAlgorithm): Promise<boolean> {
  for (const key of keys) if (await isSignedWith(token, key, [alg])) return true
  return false
}

async function isSignedWith(token: string, key: JWK | Uint8Array, algorithms: readonly string[]): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return false
    throw error
  }
}
