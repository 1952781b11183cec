import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/time/clock.ts'
import { fingerprint, sha256 } from '../lib/crypto/hash.ts'
import type { Sealer } from '../lib/crypto/sealer.ts'
import { onDemandSigningAlgorithms, type SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import type { SigningKeyChanges, SigningKeyRepository, StoredKey } from '../model/keys/signing-key.ts'
import {
  currentKey,
  findExpiredKeys,
  planFirstKeys,
  planRotation,
  planScheduledRotation,
  type KeySchedule,
  type Rotation,
  type SigningKey,
  type UnchangedAlgorithm,
} from './key-set.ts'
import { openKeys, type OpenedKeys, type UnreadableKey } from './opened-keys.ts'
import { decryptCompact } from './jwe.ts'
import {
  claimsOf,
  isMarkedAs,
  isSignedBy,
  markKind,
  parseCompact,
  signCompact,
  createUnsignedToken,
  typOf,
  type Claims,
  type TokenKind,
} from './jws.ts'

/** The service that uses the server's private keys. All routes share it. */
export interface Signer {
  /**
   * Creates the keys of an algorithm that has none. `none` is for ID tokens of clients that registered it (OpenID Connect
   * Core §2).
   */
  sign(claims: Claims, alg: SigningAlgorithm | 'none', kind: TokenKind): Promise<string>
  /**
   * The claims of a token of this kind that a key of this server signed, or undefined. The caller checks issuer and dates.
   */
  verify(token: string, kind: TokenKind): Promise<Claims | undefined>
  /** Whether a key for signatures with this id is stored: current, next, or published for verification. */
  hasKey(kid: string): boolean
  /** Decrypts a message to one of our keys (RFC 7516 §5.2), with `alg` and `enc` if given. */
  decrypt(message: string, only: { alg: string | null; enc: string | null }): Promise<string | undefined>
  /** The published keys and their entity tag. */
  jwks(): { body: string; etag: string }
  /** Reads the keys again, after another process changed them. */
  reload(): Promise<void>
  /** Creates the first keys of those of these algorithms that have none yet, so that they are published before they sign. */
  createKeys(algorithms: readonly string[]): Promise<void>
  /** Adds and removes keys by the schedule. */
  maintain(): Promise<void>
  /**
   * Replaces keys, now or as soon as caches of the key set know the new ones. Returns the algorithms whose keys were
   * replaced or published too recently.
   */
  rotate(rotation: Rotation): Promise<UnchangedAlgorithm[]>
}

export interface SignerOptions {
  repository: SigningKeyRepository
  sealer: Sealer
  clock: Clock
  schedule: KeySchedule
  /** Called for each stored key whose private half cannot be read, when it is found. */
  onUnreadableKey?: (key: UnreadableKey) => void
}

/** Opens the stored keys and creates missing ones, but for algorithms that no client has used so far. */
export async function createSigner({
  repository,
  sealer,
  clock,
  schedule,
  onUnreadableKey,
}: SignerOptions): Promise<Signer> {
  let opened: OpenedKeys = { signing: [], decryption: [], verificationOnly: [], unreadable: [] }
  let published = { body: '{"keys":[]}', etag: '""' }
  // A token is presented many times. The result of its verification stays the same until the keys change.
  const verified = new LRUCache<string, Claims>({ max: 5_000 })
  // A token that was just issued is often presented next, mostly to userinfo. Issued tokens have a separate cache,
  // because they would evict the verified ones where most of them are never presented.
  const issued = new LRUCache<string, Claims>({ max: 5_000 })

  const reported = new Set<string>()
  function report(unreadable: readonly UnreadableKey[]): void {
    for (const key of unreadable) {
      if (!reported.has(key.kid)) onUnreadableKey?.(key)
      reported.add(key.kid)
    }
  }

  async function replaceKeys(stored: readonly StoredKey[]): Promise<void> {
    opened = await openKeys(stored, opened, sealer, clock.now())
    report(opened.unreadable)
    verified.clear()
    issued.clear()
    const usable = new Set([...opened.signing, ...opened.decryption, ...opened.verificationOnly].map(({ kid }) => kid))
    const body = JSON.stringify({
      keys: stored.filter(({ kid }) => usable.has(kid)).map(({ publicJwk }) => publicJwk),
    })
    published = { body, etag: `"${sha256(body).toString('base64url').slice(0, 22)}"` }
  }

  /**
   * Plans over the keys that can be read, so that others are replaced. Those are removed at once if they have signed
   * nothing yet, otherwise when their tokens have expired.
   */
  const planOverReadableKeys =
    (plan: (keys: readonly StoredKey[], now: Date) => Promise<SigningKeyChanges>) => async (stored: StoredKey[]) => {
      const now = clock.now()
      const { unreadable } = await openKeys(stored, opened, sealer, now)
      if (unreadable.length === 0) return plan(stored, now)
      report(unreadable)
      const isUnreadable = (kid: string) => unreadable.some((key) => key.kid === kid)
      const changes = await plan(
        stored.filter(({ kid }) => !isUnreadable(kid)),
        now,
      )
      const expired = findExpiredKeys(stored, schedule, now).filter(isUnreadable)
      const unused = stored.filter(({ kid, activatesAt }) => isUnreadable(kid) && activatesAt > now)
      return { ...changes, remove: [...changes.remove, ...expired, ...unused.map(({ kid }) => kid)] }
    }

  const creations = new Map<SigningAlgorithm, Promise<void>>()

  /** Creates the keys of an algorithm that has none, and returns the current one. */
  async function createFirstKey(alg: SigningAlgorithm): Promise<SigningKey | undefined> {
    if (!onDemandSigningAlgorithms.some((onDemand) => onDemand === alg)) return undefined
    let creation = creations.get(alg)
    if (!creation) {
      const plan = planOverReadableKeys((keys, now) => planFirstKeys(alg, keys, schedule, now, sealer))
      creation = repository.update(plan).then(replaceKeys)
      creations.set(alg, creation)
    }
    await creation.finally(() => creations.delete(alg))
    return currentKey(opened.signing, alg, clock.now())
  }

  const signer: Signer = {
    async sign(claims, alg, kind) {
      if (alg === 'none') return createUnsignedToken(claims)
      const key = currentKey(opened.signing, alg, clock.now()) ?? (await createFirstKey(alg))
      if (!key) throw new Error(`There is no key for ${alg}.`)
      const marked = markKind(claims, kind)
      const token = await signCompact(key.headers[kind], marked, alg, key.privateKey)
      const isAccessToken = kind === 'at+jwt' || kind === 'access token as JWT'
      // The key may have been removed while signing.
      if (isAccessToken && opened.signing.some(({ kid }) => kid === key.kid)) {
        issued.set(cacheKeyOf(token, kind), Object.freeze(marked))
      }
      return token
    },

    async verify(token, kind) {
      const cacheKey = cacheKeyOf(token, kind)
      const known = verified.get(cacheKey) ?? issued.get(cacheKey)
      if (known) return known
      const parsed = parseCompact(token)
      if (!parsed) return undefined
      const { alg, kid, typ, crit } = parsed.header
      // `crit` lists extensions that must be understood (RFC 7515 §4.1.11); this server supports none.
      if (typ !== typOf(kind) || crit !== undefined) return undefined
      // The algorithm must be that of the key. The header alone is not trusted (RFC 8725 §3.1).
      const isNamed = (candidate: { kid: string; alg: string }) => candidate.kid === kid && candidate.alg === alg
      const key = opened.signing.find(isNamed) ?? opened.verificationOnly.find(isNamed)
      if (!key || !isSignedBy(parsed, key.alg, key.publicKey)) return undefined
      const claims = claimsOf(parsed)
      if (!claims || !isMarkedAs(claims, kind)) return undefined
      verified.set(cacheKey, Object.freeze(claims))
      return claims
    },

    hasKey: (kid) => [...opened.signing, ...opened.verificationOnly].some((key) => key.kid === kid),

    decrypt: (message, constraints) => decryptCompact(message, opened.decryption, constraints),

    jwks: () => published,

    async reload() {
      await replaceKeys(await repository.list())
    },

    async createKeys(algorithms) {
      for (const alg of onDemandSigningAlgorithms) {
        if (algorithms.includes(alg) && !currentKey(opened.signing, alg, clock.now())) await createFirstKey(alg)
      }
    },

    async maintain() {
      await replaceKeys(
        await repository.update(
          planOverReadableKeys((keys, now) => planScheduledRotation(keys, schedule, now, sealer)),
        ),
      )
    },

    async rotate(rotation) {
      let unchanged: UnchangedAlgorithm[] = []
      const plan = planOverReadableKeys(async (keys, now) => {
        const rotationPlan = await planRotation(keys, rotation, schedule, now, sealer)
        unchanged = rotationPlan.unchanged
        return rotationPlan.changes
      })
      await replaceKeys(await repository.update(plan))
      return unchanged
    },
  }
  await signer.maintain()
  return signer
}

/** The cache key of a token, as a token of this kind. */
function cacheKeyOf(token: string, kind: TokenKind): string {
  return fingerprint(`${kind}\n${token}`)
}
