// `keys` owns the server's key pairs: which exist, which of them signs now, which are published. It is the only place
// that knows jose and makes signatures. What goes into a token is `tokens`' business; where keys are stored is
// storage's.

import { KeyObject } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, calculateJwkThumbprint, type CryptoKey, type JWK } from 'jose'
import { addSeconds } from '../lib/time/clock.ts'
import type { Sealer } from '../lib/crypto/sealer.ts'
import {
  keyManagementAlgorithms,
  onDemandSigningAlgorithms,
  signingAlgorithms,
  standardSigningAlgorithms,
  type KeyManagementAlgorithm,
  type SigningAlgorithm,
} from '../model/clients/client-algorithms.ts'
import type { SigningKeyChanges, StoredKey } from '../model/keys/signing-key.ts'
import { protectedHeader, type TokenKind } from './jws.ts'

/** Seconds that a verifier may cache the JWKS. A key is published at least this long before it signs. */
export const JWKS_MAX_AGE = 300

export interface KeySchedule {
  /** Days between two rotations. */
  rotateDays: number
  /** Maximum lifetime of a token. A retired key stays published for this time. */
  maxTokenLifetimeSeconds: number
}

/** A key pair for messages that clients encrypt to this server. */
export interface DecryptionKey {
  kid: string
  alg: KeyManagementAlgorithm
  publicJwk: JWK
  privateKey: CryptoKey
  activatesAt: Date
}

/** An opened key pair for signatures. */
export interface SigningKey {
  kid: string
  alg: SigningAlgorithm
  publicJwk: JWK
  privateKey: KeyObject
  publicKey: KeyObject
  /** The encoded protected headers of the tokens that it signs. */
  headers: Readonly<Record<TokenKind, string>>
  activatesAt: Date
}

/** The key of `alg` that is used at `now`: the one that was activated last. */
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
  for (const alg of algorithmsInUse(keys)) add.push(...(await missingKeys(alg, keys, schedule, now, sealer)))
  for (const alg of keyManagementAlgorithms) {
    const current = currentKey(keys, alg, now)
    const due = current && addSeconds(current.activatesAt, schedule.rotateDays * 86_400)
    if (!due || due <= now) add.push(await generateKey(alg, now, now, sealer))
  }
  return { add, activate: [], reseal: resealOutdatedKeys(keys, sealer), remove: findExpiredKeys(keys, schedule, now) }
}

/** What has to change so that `alg` has a current key and a next one; nothing if it has. Safe to run by any process. */
export async function planFirstKeys(
  alg: SigningAlgorithm,
  keys: readonly StoredKey[],
  schedule: KeySchedule,
  now: Date,
  sealer: Sealer,
): Promise<SigningKeyChanges> {
  return { add: await missingKeys(alg, keys, schedule, now, sealer), activate: [], reseal: [], remove: [] }
}

async function missingKeys(
  alg: SigningAlgorithm,
  keys: readonly StoredKey[],
  schedule: KeySchedule,
  now: Date,
  sealer: Sealer,
): Promise<StoredKey[]> {
  const add: StoredKey[] = []
  const current = currentKey(keys, alg, now) ?? (await generateKey(alg, now, now, sealer))
  if (!keys.includes(current)) add.push(current)
  if (!keys.some((key) => key.alg === alg && key.activatesAt > now)) {
    const due = addSeconds(current.activatesAt, schedule.rotateDays * 86_400)
    const published = addSeconds(now, JWKS_MAX_AGE)
    add.push(await generateKey(alg, due > published ? due : published, now, sealer))
  }
  return add
}

/** The algorithms that have keys, or must have them. */
function algorithmsInUse(keys: readonly StoredKey[]): SigningAlgorithm[] {
  const onDemand = onDemandSigningAlgorithms.filter((alg) => keys.some((key) => key.alg === alg))
  return [...standardSigningAlgorithms, ...onDemand]
}

/** Which keys are rotated, and when. */
export interface Rotation {
  /** Those named, also if they have no keys yet; undefined: all that have keys. */
  algorithms: readonly StoredKey['alg'][] | undefined
  /**
   * `known`: the new keys were published before. `now`: the new keys were not published yet, as after a leak of the
   * current ones; a verifier fetches them because of the unknown `kid` (OpenID Connect Core §10.1.1).
   */
  when: 'known' | 'now'
}

/** The algorithms that a rotation can name. */
export const rotatableAlgorithms = [...signingAlgorithms, ...keyManagementAlgorithms] as const

/** The default rotation. */
export const ALL_KEYS: Rotation = { algorithms: undefined, when: 'known' }

/** An algorithm whose keys a rotation left as they are, and the time from which the next rotation replaces them. */
export interface UnchangedAlgorithm {
  alg: StoredKey['alg']
  rotatableFrom: Date
}

/**
 * Plans a rotation: the next key of each algorithm signs from now on, and a new next key is published. A key that was
 * published recently waits until caches of the key set know it. If two rotations are requested at once, by two processes
 * or by mistake, only one takes place; `unchanged` names what the other one leaves alone. `when: 'now'` does not wait.
 */
export async function planRotation(
  keys: readonly StoredKey[],
  { algorithms: named, when }: Rotation,
  schedule: KeySchedule,
  now: Date,
  sealer: Sealer,
): Promise<{ changes: SigningKeyChanges; unchanged: UnchangedAlgorithm[] }> {
  const algorithms = named ?? [...algorithmsInUse(keys), ...keyManagementAlgorithms]
  const add: StoredKey[] = []
  const activate: SigningKeyChanges['activate'] = []
  const unchanged: UnchangedAlgorithm[] = []
  const changes = { add, activate, reseal: [], remove: findExpiredKeys(keys, schedule, now) }
  if (when === 'now') {
    for (const alg of algorithms) add.push(await generateKey(alg, now, now, sealer))
    return { changes, unchanged }
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
    } else unchanged.push({ alg, rotatableFrom: usableFrom })
  }
  for (const alg of keyManagementAlgorithms.filter((candidate) => algorithms.includes(candidate))) {
    const current = currentKey(keys, alg, now)
    const rotatableFrom = current && addSeconds(current.activatesAt, JWKS_MAX_AGE)
    if (rotatableFrom === undefined || rotatableFrom <= now) add.push(await generateKey(alg, now, now, sealer))
    else unchanged.push({ alg, rotatableFrom })
  }
  return { changes, unchanged }
}

/** Keys that were replaced longer ago than the maximum lifetime of a token. */
export function findExpiredKeys(keys: readonly StoredKey[], schedule: KeySchedule, now: Date): string[] {
  const cutoff = addSeconds(now, -schedule.maxTokenLifetimeSeconds)
  return keys
    .filter((key) =>
      keys.some((other) => other.alg === key.alg && other.activatesAt > key.activatesAt && other.activatesAt <= cutoff),
    )
    .map(({ kid }) => kid)
}

/** Keys that are sealed under a previous master key. After they are resealed, that master key is no longer needed. */
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

/** Whether the algorithm is for signatures. */
export function isSigning(alg: StoredKey['alg']): alg is SigningAlgorithm {
  return signingAlgorithms.some((known) => known === alg)
}

/** Opens a stored decryption key; throws as `openSigningKey`. */
export async function openDecryptionKey(stored: StoredKey, sealer: Sealer): Promise<DecryptionKey | undefined> {
  const { kid, alg, publicJwk, activatesAt } = stored
  if (isSigning(alg)) return undefined
  const privateKey = (await importJWK(privateJwkOf(stored, sealer), alg)) as CryptoKey
  return { kid, alg, publicJwk, privateKey, activatesAt }
}

/** Opens a stored signing key. Throws if it was sealed under a master key that is not configured. */
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
    // jose validates the imported keys. node:crypto signs, and needs its own key objects.
    privateKey: KeyObject.from(privateKey as CryptoKey),
    publicKey: KeyObject.from(publicKey as CryptoKey),
    headers: {
      'at+jwt': protectedHeader(alg, 'at+jwt', kid),
      'access token as JWT': protectedHeader(alg, 'access token as JWT', kid),
      'token of an API key': protectedHeader(alg, 'token of an API key', kid),
      JWT: protectedHeader(alg, 'JWT', kid),
      'userinfo+jwt': protectedHeader(alg, 'userinfo+jwt', kid),
      'logout+jwt': protectedHeader(alg, 'logout+jwt', kid),
      'token-introspection+jwt': protectedHeader(alg, 'token-introspection+jwt', kid),
      'audit-checkpoint+jwt': protectedHeader(alg, 'audit-checkpoint+jwt', kid),
    },
    activatesAt,
  }
}

/** The public half of a stored signing key; undefined for a decryption key. Rejects when it is malformed. */
export async function openVerificationKey({
  kid,
  alg,
  publicJwk,
}: StoredKey): Promise<Pick<SigningKey, 'kid' | 'alg' | 'publicKey'> | undefined> {
  if (!isSigning(alg)) return undefined
  return { kid, alg, publicKey: KeyObject.from((await importJWK(publicJwk, alg)) as CryptoKey) }
}

function privateJwkOf({ kid, sealedPrivateJwk }: StoredKey, sealer: Sealer): JWK {
  return JSON.parse(sealer.open(sealedPrivateJwk, associatedDataFor(kid)).toString()) as JWK
}

function associatedDataFor(kid: string): string {
  return `signing_keys/${kid}`
}
