import { createSemaphore } from '../../../lib/concurrency/semaphore.ts'
import { randomToken } from '../../../lib/crypto/random.ts'
import { argon2id, type PasswordHasher } from './argon2id.ts'
import { readForeignDigest, wrapDigest } from './hashes/digests.ts'
import { readHash } from './hashes/formats.ts'

/** Longer passwords are rejected without hashing, so that they cannot be used to overload the server. */
export const MAX_PASSWORD_BYTES = 1024
/** Limits of the queue. A client that waits longer has usually given up. */
const MAX_QUEUED_HASHES = 1_000
const QUEUE_TIMEOUT_MS = 15_000

/** Hashes and verifies passwords with limited concurrency. Throws `SemaphoreUnavailable` if the queue is full or too slow. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** Whether a hash of another system can be imported (`importHash`). */
  isImportable(hash: string): boolean
  /**
   * What to store of an importable hash of another system. A digest without a work factor is hashed by Argon2id; undefined
   * for a hash that is not importable.
   */
  importHash(hash: string): Promise<string | undefined>
  /**
   * Whether `password` matches `hash`; takes the same time without a hash, but not with an imported one. `outdated`: the hash
   * has another algorithm or other cost parameters than the current ones and should be replaced. Throws the reason of `signal` if it is aborted while waiting.
   */
  verify(hash: string | null, password: string, signal: AbortSignal): Promise<{ correct: boolean; outdated: boolean }>
}

/** At most `concurrency` hashes run at once. */
export function createPasswords(concurrency: number, hashing: PasswordHasher = argon2id): Passwords {
  const semaphore = createSemaphore({
    maxConcurrency: concurrency,
    maxQueued: MAX_QUEUED_HASHES,
    queueTimeoutMs: QUEUE_TIMEOUT_MS,
  })
  const hash = (password: string) => semaphore(() => hashing.hash(normalise(password)))
  let dummyHash: Promise<string> | undefined
  const getDummyHash = () =>
    (dummyHash ??= hash(randomToken()).catch((error: unknown) => {
      dummyHash = undefined
      throw error
    }))
  const isImportable = (given: string) => readHash(given) !== undefined || readForeignDigest(given) !== undefined
  return {
    hash,
    isImportable,
    async importHash(given) {
      const foreign = readForeignDigest(given)
      if (foreign) return wrapDigest(foreign, await semaphore(() => hashing.hash(foreign.digest)))
      return isImportable(given) ? given : undefined
    },
    async verify(stored, password, signal) {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return { correct: false, outdated: false }
      const fallbackHash = await getDummyHash()
      const expectedHash = stored !== null && readHash(stored) ? stored : fallbackHash
      let matches = false
      // Other systems have hashed the password as it was entered.
      for (const candidate of new Set([normalise(password), password])) {
        matches ||= await semaphore(() => hashing.verify(expectedHash, candidate), signal)
      }
      const correct = matches && expectedHash === stored
      return { correct, outdated: correct && hashing.isOutdated(expectedHash) }
    },
  }
}

/** NIST SP 800-63B §3.1.1.2: the same characters from another keyboard must be the same password. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}
