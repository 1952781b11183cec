// `keys` owns the server's key pairs: which exist, which of them signs now, which are published. It is the only place
// that knows jose and makes signatures. What goes into a token is `tokens`' business; where keys are stored is
// storage's.

import { KeyObject } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, calculateJwkThumbprint, type CryptoKey, type JWK } from 'jose'
import { addSeconds } from '../lib/clock.ts'
import type { Sealer } from '../lib/sealer.ts'
import {
  keyManagementAlgorithms,
  signingAlgorithms,
  type KeyManagementAlgorithm,
  type SigningAlgorithm,
} from '../model/clients/client.ts'
import type { SigningKeyChanges, StoredKey } from '../model/keys/signing-key.ts'
import { protectedHeader, type TokenKind } from './jws.ts'

/** How long a verifier may go on with a JWKS it has fetched: a key is published at least this long before it signs. */
export const JWKS_MAX_AGE = 300

export interface KeySchedule {
  /** Days from one rotation to the next. */
  rotateDays: number
  /** Seconds that a token may live at most: as long is a retired key published. */
  maxTokenLifetimeSeconds: number
}

/** A key pair that others encrypt to. */
export interface DecryptionKey {
  kid: string
  alg: KeyManagementAlgorithm
  publicJwk: JWK
  privateKey: CryptoKey
  activatesAt: Date
}

/** A key pair that can be used. */
export interface SigningKey {
  kid: string
  alg: SigningAlgorithm
  publicJwk: JWK
  privateKey: KeyObject
  publicKey: KeyObject
  /** The protected header of every token that it signs. */
  headers: Readonly<Record<TokenKind, string>>
  activatesAt: Date
}

/** The key of `alg` that is used at `now`: of those already active the one activated last. */
export function currentKey<Key extends { alg: string; activatesAt: Date }>(
  keys: readonly Key[],
  alg: string,
  now: Date,
): Key | undefined {
  let current: Key | undefined
  for (const key of keys) {
    if (key.alg !== alg || key.activatesAt > now) continue
    if (!current || key.activatesAt > current.activatesAt) current = key
  }
  return current
}

/**
 * What has to change so that every algorithm has a current key, those that sign a published next one, and so that keys
 * are gone whose last token has expired. A key that others encrypt to needs no next one: whichever they know, as long
 * as it is published, we can read it. Safe to run at any time, by any process.
 */
export async function planScheduledRotation(
  keys: readonly StoredKey[],
  schedule: KeySchedule,
  now: Date,
  sealer: Sealer,
): Promise<SigningKeyChanges> {
  const add: StoredKey[] = []
  for (const alg of signingAlgorithms) {
    const current = currentKey(keys, alg, now) ?? (await generateKey(alg, now, now, sealer))
    if (!keys.includes(current)) add.push(current)
    if (!keys.some((key) => key.alg === alg && key.activatesAt > now)) {
      const due = addSeconds(current.activatesAt, schedule.rotateDays * 86_400)
      const published = addSeconds(now, JWKS_MAX_AGE)
      add.push(await generateKey(alg, due > published ? due : published, now, sealer))
    }
  }
  for (const alg of keyManagementAlgorithms) {
    const current = currentKey(keys, alg, now)
    const due = current && addSeconds(current.activatesAt, schedule.rotateDays * 86_400)
    if (!due || due <= now) add.push(await generateKey(alg, now, now, sealer))
  }
  return { add, activate: [], reseal: resealOutdatedKeys(keys, sealer), remove: findExpiredKeys(keys, schedule, now) }
}

/** Which keys are rotated, and when. */
export interface Rotation {
  algorithms: readonly StoredKey['alg'][]
  /**
   * `known`: the new keys were published before. `now`: the new keys were not published yet, as after a leak of the
   * current ones; a verifier fetches them because of the unknown `kid` (OpenID Connect Core §10.1.1).
   */
  when: 'known' | 'now'
}

/** What is rotated where nothing else is said. */
export const ALL_KEYS: Rotation = { algorithms: [...signingAlgorithms, ...keyManagementAlgorithms], when: 'known' }

/**
 * What has to change so that the next key of each algorithm signs from now on and another next one is published. A key
 * that was published too recently waits for the caches of the key set; where it follows a rotation of just now, asked
 * for twice or by two processes, that rotation stands for this one too. `when: 'now'` waits for nothing.
 */
export async function planRotation(
  keys: readonly StoredKey[],
  { algorithms, when }: Rotation,
  schedule: KeySchedule,
  now: Date,
  sealer: Sealer,
): Promise<SigningKeyChanges> {
  const add: StoredKey[] = []
  const activate: SigningKeyChanges['activate'] = []
  if (when === 'now') {
    for (const alg of algorithms) add.push(await generateKey(alg, now, now, sealer))
    return { add, activate, reseal: [], remove: findExpiredKeys(keys, schedule, now) }
  }
  for (const alg of signingAlgorithms.filter((candidate) => algorithms.includes(candidate))) {
    const current = currentKey(keys, alg, now)
    const next = keys.find((key) => key.alg === alg && key.activatesAt > now)
    const usableFrom = next && addSeconds(next.createdAt, JWKS_MAX_AGE)
    if (!next || !usableFrom)
      add.push(await generateKey(alg, current ? addSeconds(now, JWKS_MAX_AGE) : now, now, sealer))
    else if (usableFrom <= now) {
      activate.push({ kid: next.kid, activatesAt: now })
      add.push(await generateKey(alg, addSeconds(now, schedule.rotateDays * 86_400), now, sealer))
    } else if (current && addSeconds(current.activatesAt, JWKS_MAX_AGE) <= now && usableFrom < next.activatesAt) {
      activate.push({ kid: next.kid, activatesAt: usableFrom })
    }
  }
  for (const alg of keyManagementAlgorithms.filter((candidate) => algorithms.includes(candidate))) {
    const current = currentKey(keys, alg, now)
    if (!current || addSeconds(current.activatesAt, JWKS_MAX_AGE) <= now)
      add.push(await generateKey(alg, now, now, sealer))
  }
  return { add, activate, reseal: [], remove: findExpiredKeys(keys, schedule, now) }
}

/** Keys that were replaced longer ago than any token lives. */
function findExpiredKeys(keys: readonly StoredKey[], schedule: KeySchedule, now: Date): string[] {
  const cutoff = addSeconds(now, -schedule.maxTokenLifetimeSeconds)
  return keys
    .filter((key) =>
      keys.some((other) => other.alg === key.alg && other.activatesAt > key.activatesAt && other.activatesAt <= cutoff),
    )
    .map(({ kid }) => kid)
}

/** Keys that an older master key sealed: once they are sealed anew, that one is not needed any more. */
function resealOutdatedKeys(keys: readonly StoredKey[], sealer: Sealer): SigningKeyChanges['reseal'] {
  return keys
    .filter(({ sealedPrivateJwk }) => !sealer.isCurrent(sealedPrivateJwk))
    .map(({ kid, sealedPrivateJwk }) => ({
      kid,
      sealedPrivateJwk: sealer.seal(sealer.open(sealedPrivateJwk, associatedDataFor(kid)), associatedDataFor(kid)),
    }))
}

async function generateKey(alg: StoredKey['alg'], activatesAt: Date, now: Date, sealer: Sealer): Promise<StoredKey> {
  const options = { extractable: true, modulusLength: 2048, ...(alg === 'ECDH-ES' && { crv: 'P-256' }) }
  const { publicKey, privateKey } = await generateKeyPair(alg, options)
  const bareJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(bareJwk)
  const publicJwk = { ...bareJwk, kid, use: isSigning(alg) ? 'sig' : 'enc', alg }
  const sealedPrivateJwk = sealer.seal(Buffer.from(JSON.stringify(await exportJWK(privateKey))), associatedDataFor(kid))
  return { kid, alg, publicJwk, sealedPrivateJwk, createdAt: now, activatesAt }
}

/** Whether what is made with this algorithm is a signature. */
export function isSigning(alg: StoredKey['alg']): alg is SigningAlgorithm {
  return signingAlgorithms.some((known) => known === alg)
}

/** Opens a stored key that others encrypt to, as `openKey`. */
export async function openDecryptionKey(stored: StoredKey, sealer: Sealer): Promise<DecryptionKey | undefined> {
  const { kid, alg, publicJwk, activatesAt } = stored
  if (isSigning(alg)) return undefined
  const privateKey = (await importJWK(privateJwkOf(stored, sealer), alg)) as CryptoKey
  return { kid, alg, publicJwk, privateKey, activatesAt }
}

/** Opens a stored key that signs. Throws where the configured master key is not the one it was sealed under. */
export async function openSigningKey(stored: StoredKey, sealer: Sealer): Promise<SigningKey | undefined> {
  const { kid, alg, publicJwk, activatesAt } = stored
  if (!isSigning(alg)) return undefined
  const [privateKey, publicKey] = await Promise.all([
    importJWK(privateJwkOf(stored, sealer), alg),
    importJWK(publicJwk, alg),
  ])
  return {
    kid,
    alg,
    publicJwk,
    // jose checks what it imports; what signs is node:crypto, which takes keys of its own form.
    privateKey: KeyObject.from(privateKey as CryptoKey),
    publicKey: KeyObject.from(publicKey as CryptoKey),
    headers: {
      'at+jwt': protectedHeader(alg, 'at+jwt', kid),
      JWT: protectedHeader(alg, 'JWT', kid),
      'userinfo+jwt': protectedHeader(alg, 'userinfo+jwt', kid),
      'logout+jwt': protectedHeader(alg, 'logout+jwt', kid),
      'token-introspection+jwt': protectedHeader(alg, 'token-introspection+jwt', kid),
    },
    activatesAt,
  }
}

function privateJwkOf({ kid, sealedPrivateJwk }: StoredKey, sealer: Sealer): JWK {
  return JSON.parse(sealer.open(sealedPrivateJwk, associatedDataFor(kid)).toString()) as JWK
}

function associatedDataFor(kid: string): string {
  return `signing_keys/${kid}`
}
