import { createSemaphore } from '../../../lib/semaphore.ts'
import { randomToken } from '../../../lib/random.ts'
import { argon2id, isAcceptable, type PasswordHasher } from './argon2id.ts'

/** The longest password in bytes: hashing must not be a way to keep the server busy. */
const MAX_PASSWORD_BYTES = 1024
/** So many may wait, and so long: who waits longer has given up, or tries again anyway. */
const MAX_QUEUED_HASHES = 1_000
const QUEUE_TIMEOUT_MS = 15_000

/** Hashes and checks passwords, a few at a time. Throws `GateFull` when too many wait, or wait too long. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether `password` is the one of `hash`, in the same time where there is no hash. `outdated` says that the hash was
   * made with other costs than today's and should be made anew. Throws the reason of `abandoned` where that is aborted
   * while it waits.
   */
  verify(hash: string | null, password: string, signal: AbortSignal): Promise<{ correct: boolean; outdated: boolean }>
}

/** `concurrency` hashes run at once. */
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
  return {
    hash,
    async verify(stored, password, signal) {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return { correct: false, outdated: false }
      const fallbackHash = await getDummyHash()
      const expectedHash = stored !== null && isAcceptable(stored) ? stored : fallbackHash
      const matches = await semaphore(() => hashing.verify(expectedHash, normalise(password)), signal)
      const correct = matches && expectedHash === stored
      return { correct, outdated: correct && hashing.isOutdated(expectedHash) }
    },
  }
}

/** NIST SP 800-63B §3.1.1.2: one person's keyboard must not make another password of the same characters. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}
