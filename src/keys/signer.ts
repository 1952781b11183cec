import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { sha256, type Sealer } from '../lib/secret.ts'
import type { SigningAlgorithm } from '../model/client.ts'
import type { SigningKeyRepository, StoredSigningKey } from '../model/signing-key.ts'
import {
  currentKey,
  immediateRevision,
  openKey,
  scheduledRevision,
  type KeySchedule,
  type SigningKey,
} from './key-set.ts'

/** The `typ` header of each kind of JWT that we issue; a token of one kind is never read as another (RFC 8725 §3.11). */
export type TokenKind = 'at+jwt' | 'JWT'

/** The one signing service, shared by all routes. */
export interface Signer {
  sign(claims: JWTPayload, alg: SigningAlgorithm, kind: TokenKind): Promise<string>
  /**
   * The claims of a token of this kind that one of our keys signed, or undefined. Neither issuer nor dates are judged:
   * who asks knows what they must be.
   */
  verify(token: string, kind: TokenKind): Promise<Readonly<JWTPayload> | undefined>
  /** The published keys and their entity tag. */
  jwks(): { body: string; etag: string }
  /** Reads the keys that another process may have changed. */
  reload(): Promise<void>
  /** Adds and drops keys as the schedule wants. */
  maintain(): Promise<void>
  /** Puts the next keys to use, now or as soon as the caches of the key set know them. */
  rotate(): Promise<void>
}

export interface SignerOptions {
  repository: SigningKeyRepository
  sealer: Sealer
  clock: Clock
  schedule: KeySchedule
}

/** Opens the stored keys, making those that are missing. */
export async function createSigner({ repository, sealer, clock, schedule }: SignerOptions): Promise<Signer> {
  let keys: SigningKey[] = []
  let published = { body: '{"keys":[]}', etag: '""' }
  // A token is presented many times. Whether one of these keys signed it does not change while they stay the same.
  const verified = new LRUCache<string, Readonly<JWTPayload>>({ max: 5_000 })

  async function use(stored: readonly StoredSigningKey[]): Promise<void> {
    const known = new Map(keys.map((key) => [key.kid, key]))
    keys = await Promise.all(
      stored.map(async (row) => {
        const opened = known.get(row.kid)
        return opened ? { ...opened, activatesAt: row.activatesAt } : openKey(row, sealer)
      }),
    )
    verified.clear()
    const body = JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) })
    published = { body, etag: `"${sha256(body).toString('base64url').slice(0, 22)}"` }
  }

  const signer: Signer = {
    async sign(claims, alg, kind) {
      const key = currentKey(keys, alg, clock.now())
      if (!key) throw new Error(`There is no key for ${alg}.`)
      return new SignJWT(claims).setProtectedHeader({ alg, typ: kind, kid: key.kid }).sign(key.privateKey)
    },

    async verify(token, kind) {
      const name = sha256(kind, '\n', token).toString('base64url')
      const known = verified.get(name)
      if (known) return known
      if (!isCompact(token)) return undefined
      const verifying = keys
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid, alg }) => {
            const key = verifying.find((candidate) => candidate.kid === kid && candidate.alg === alg)
            if (!key) throw new errors.JWKSNoMatchingKey()
            return key.publicKey
          },
          // Dates are the caller's to judge, by its own clock: jose's is put where nothing has expired.
          {
            typ: kind,
            algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
            currentDate: new Date(0),
            clockTolerance: 1e12,
          },
        )
        // Not if the keys were exchanged meanwhile: one that was dropped must not be honoured from memory.
        if (keys === verifying) verified.set(name, Object.freeze(payload))
        return payload
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError) {
          return undefined
        }
        throw error
      }
    },

    jwks: () => published,

    async reload() {
      await use(await repository.list())
    },

    async maintain() {
      await use(await repository.revise((stored) => scheduledRevision(stored, schedule, clock.now(), sealer)))
    },

    async rotate() {
      await use(await repository.revise((stored) => immediateRevision(stored, schedule, clock.now(), sealer)))
    },
  }
  await signer.maintain()
  return signer
}

/**
 * Whether `token` has three parts in base64url, each in the one spelling of its bytes (RFC 7515 §2, §7.1). jose is more
 * lenient: to it padding, white space and spare bits make no difference, so one token would have many names.
 */
function isCompact(token: string): boolean {
  const parts = token.split('.')
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
